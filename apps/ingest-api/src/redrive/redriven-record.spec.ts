import { fingerprintOf, type StoredDeadLetter } from '@orderstream/cassandra';
import type { OutMessage } from '@orderstream/kafka';
import { redrivenRecord, Unfit } from './redriven-record.js';

const CAUSE = { code: 'out_of_range', stage: 'transform' as const, stream: 'orders' };
const letter = (more: Partial<StoredDeadLetter> = {}): StoredDeadLetter => ({
  ...CAUSE,
  id: 'orders-0-7',
  topic: 'orders',
  partition: 0,
  offset: '7',
  reason: 'why',
  fingerprint: fingerprintOf(CAUSE),
  writeTimeMicros: 5n,
  attempt: 1,
  firstSeenMs: 0,
  state: 'open',
  key: Buffer.from('books'),
  value: Buffer.from('{"quantity":0,"price":0.12345678901234567890,"note":null}'),
  headers: new Map([['os-row', Buffer.from('4')]]),
  ...more,
});
const texts = ({ headers }: OutMessage) =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));
const sent = (from: StoredDeadLetter, patch?: Record<string, unknown>): OutMessage => {
  const record = redrivenRecord(from, { attempt: 3, patch });
  if (record instanceof Unfit) throw new Error(record.why);
  return record;
};

describe('a letter that is sent again', () => {
  it('has its key, value and headers to the byte, the next attempt, and the write time it had', () => {
    const record = sent(letter());
    expect([String(record.key), record.value]).toEqual(['books', letter().value]);
    expect(texts(record)).toEqual({ 'os-row': '4', 'os-write-time': '5', 'os-attempt': '3' });
  });

  it('keeps the write time that stands in its header', () => {
    const headers = new Map([
      ['os-write-time', Buffer.from('9')],
      ['os-attempt', Buffer.from('2')],
    ]);
    expect(texts(sent(letter({ headers })))).toEqual({ 'os-write-time': '9', 'os-attempt': '3' });
  });

  it('has its value patched, and no digit of a number lost', () => {
    expect(JSON.parse(String(sent(letter(), { quantity: 1 }).value))).toEqual({
      quantity: 1,
      price: '0.12345678901234567890',
      note: null,
    });
  });

  it.each([
    ['no JSON', Buffer.from('order 17')],
    ['no object', Buffer.from('[1]')],
    ['no text', Buffer.from([0, 0, 0, 0, 7, 255])],
    ['null', null],
  ])('is not sent with a patch when its value is %s, and is sent as it is without', (_, value) => {
    expect(redrivenRecord(letter({ value }), { attempt: 2, patch: { a: 1 } })).toBeInstanceOf(Unfit);
    expect(sent(letter({ value })).value).toEqual(value);
  });

  it('is not sent when the letter has only a part of it, or Kafka would not take it', () => {
    const cut = letter({ headers: new Map([['os-value-bytes', Buffer.from('9000000')]]) });
    for (const unfit of [cut, letter({ value: Buffer.alloc(1_100_000) })])
      expect(redrivenRecord(unfit, { attempt: 2 })).toBeInstanceOf(Unfit);
  });

  it('is not sent when nobody knows its write time: now would win over newer updates', () => {
    const untimed = letter({ code: 'bad_record_time', writeTimeMicros: undefined });
    expect(redrivenRecord(untimed, { attempt: 2, patch: { a: 1 } })).toMatchObject({
      why: expect.stringMatching(/header os-write-time/),
    });
    const headers = new Map([['os-write-time', Buffer.from('9')]]);
    expect(texts(sent(letter({ writeTimeMicros: undefined, headers })))['os-write-time']).toBe('9');
  });
});
