import type { DeadLetterRepository, NewDeadLetter } from '@orderstream/cassandra';
import { KafkaSendError, type OutMessage, type PartitionProducer } from '@orderstream/kafka';
import { createLog, createMetrics } from '@orderstream/observability';
import type { Refusal } from './dead-letter.js';
import { DeadLetterWriter } from './dead-letter-writer.js';

const refusal = (offset: string, value: Buffer): Refusal => ({
  stream: 'orders',
  topic: 'orders',
  partition: 2,
  record: { offset, key: Buffer.from('k'), value, timestamp: '1700000000000', headers: { mine: Buffer.from('kept') } },
  stage: 'decode',
  fault: { code: 'undecodable', reason: 'not JSON' },
  origin: {},
});

const { signal } = new AbortController();

function writerOn(send: (messages: readonly OutMessage[]) => Promise<void>) {
  const events: string[] = [];
  const rows: NewDeadLetter[] = [];
  const letters = {
    put: (row: NewDeadLetter) => {
      events.push('table');
      rows.push(row);
      return Promise.resolve();
    },
  } as unknown as DeadLetterRepository;
  const producer = {
    send: (_topic: string, _partition: number, messages: readonly OutMessage[]) => {
      events.push('topic');
      return send(messages);
    },
  } as unknown as PartitionProducer;
  const log = createLog({ app: 'test', level: 'silent' });
  return { writer: new DeadLetterWriter(letters, producer, createMetrics('test'), log), events, rows };
}

describe('DeadLetterWriter', () => {
  it('writes the table first, then the topic, with the original bytes and headers and why', async () => {
    const sent: OutMessage[] = [];
    const { writer, events, rows } = writerOn(async (messages) => void sent.push(...messages));
    await writer.write([refusal('7', Buffer.from('{nope'))], signal);
    expect(events).toEqual(['table', 'topic']);
    expect(rows[0]).toMatchObject({ id: 'orders-2-7', code: 'undecodable', value: Buffer.from('{nope') });
    expect(sent[0]).toMatchObject({ key: Buffer.from('k'), value: Buffer.from('{nope') });
    expect(sent[0]!.headers).toMatchObject({
      'os-error-code': 'undecodable',
      'os-origin-offset': '7',
      mine: Buffer.from('kept'),
    });
  });

  it('takes a header without a value, as other producers send it', async () => {
    const { writer, rows } = writerOn(() => Promise.resolve());
    const bare = refusal('7', Buffer.from('x'));
    const headers = { empty: null as unknown as Buffer, mine: Buffer.from('kept') };
    await writer.write([{ ...bare, record: { ...bare.record, headers } }], signal);
    expect([...rows[0]!.headers.keys()]).toEqual(['mine']);
  });

  it('cuts a value that no write would take, and says how long it was', async () => {
    const { writer, rows } = writerOn(() => Promise.resolve());
    await writer.write([refusal('7', Buffer.alloc(20_000_000, 'x'))], signal);
    expect(rows[0]!.value!.length).toBeLessThan(8 * 1024 * 1024);
    expect(String(rows[0]!.headers.get('os-value-bytes'))).toBe('20000000');
  });

  it('sends a shorter value where the topic takes no larger one, each letter on its own', async () => {
    const sizes: number[][] = [];
    const { writer } = writerOn((messages) => {
      const lengths = messages.map(({ value }) => value!.length);
      sizes.push(lengths);
      if (lengths.some((length) => length > 1_000_000))
        return Promise.reject(new KafkaSendError('message_too_large', 'no', false));
      return Promise.resolve();
    });
    await writer.write([refusal('7', Buffer.alloc(2_000_000)), refusal('8', Buffer.from('x'))], signal);
    expect(sizes).toEqual([[2_000_000, 1], [400_000], [1]]);
  });

  it('rejects when the letter is not acknowledged, so that its record waits', async () => {
    const { writer } = writerOn(() => Promise.reject(new KafkaSendError('unreachable', 'away', true)));
    await expect(writer.write([refusal('7', Buffer.from('x'))], signal)).rejects.toThrow('away');
  });
});
