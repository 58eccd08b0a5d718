import { createRequire } from 'node:module';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import {
  produceRequests,
  type MakeProduceRequest,
  type ProducedMessage,
  type ProduceOptions,
} from './produce-request.js';
import { bytesOrText, headers } from './records.fixture.js';

const kafkajs = createRequire(import.meta.url)(
  'kafkajs/src/protocol/requests/produce/v3/request',
) as MakeProduceRequest;

/** Nothing here is to be handed over. */
const ours = produceRequests((options) => ({
  ...kafkajs(options),
  encode: () => Promise.reject(new Error('handed over')),
}));
const handedOver = (options: ProduceOptions) => expect(ours(options).encode()).rejects.toThrow('handed over');

const NOW = Date.UTC(2026, 10, 28);
const timestamp = fc.option(fc.integer({ min: NOW - 1e6, max: NOW + 1e6 }).map(String), { nil: undefined });
const message: fc.Arbitrary<ProducedMessage> = fc.record(
  { key: bytesOrText, value: bytesOrText, headers, timestamp },
  { requiredKeys: ['value'] },
);
const partition = fc.record({ partition: fc.nat(100), messages: fc.array(message, { minLength: 1, maxLength: 6 }) });
const topicData = fc.array(
  fc.record({ topic: fc.string({ unit: 'binary', maxLength: 60 }), partitions: fc.array(partition, { maxLength: 3 }) }),
  { maxLength: 3 },
);
const options: fc.Arbitrary<ProduceOptions> = fc.record(
  {
    acks: fc.constantFrom(-1, 0, 1),
    timeout: fc.nat(),
    topicData,
    producerId: fc.constantFrom(undefined, -1),
    compression: fc.constantFrom(undefined, 0),
    transactionalId: fc.constantFrom(undefined, null),
  },
  { requiredKeys: ['acks', 'timeout', 'topicData'] },
);
const of = (...messages: ProducedMessage[]): ProduceOptions => ({
  acks: -1,
  timeout: 1,
  topicData: [{ topic: 't', partitions: [{ partition: 0, messages }] }],
});

describe('a produce request', () => {
  beforeEach(() => void jest.spyOn(Date, 'now').mockReturnValue(NOW));
  afterEach(() => void jest.restoreAllMocks());

  it('has the bytes that kafkajs makes of it', () =>
    fc.assert(
      fc.asyncProperty(options, async (given) => {
        const [expected, made] = [await kafkajs(given).encode(), await ours(given).encode()];
        expect(made.buffer.equals(expected.buffer)).toBe(true);
        expect(made.buf).toBe(made.buffer);
      }),
    ));

  it.each([0, 63, 64, 8_191, 70_000, 300_000, 3_000_000])('has them with values of %d bytes, too', async (length) => {
    const given = of(
      { value: 'ä'.repeat(length) },
      { value: Buffer.alloc(length, 7) },
      { key: 'k', value: 'a'.repeat(length) },
    );
    expect((await ours(given).encode()).buffer.equals((await kafkajs(given).encode()).buffer)).toBe(true);
  });

  it.each<[string, ProduceOptions]>([
    ['compression', { ...of({ value: 'v' }), compression: 1 }],
    ['a transaction', { ...of({ value: 'v' }), transactionalId: 't' }],
    ['a producer id', { ...of({ value: 'v' }), producerId: 7 }],
    ['a header of several values', of({ value: 'v' }, { value: 'v', headers: { a: ['1', '2'] } })],
    ['times that are far apart', of({ value: 'v', timestamp: '1' }, { value: 'v', timestamp: String(NOW) })],
  ])('is left to kafkajs with %s', (_name, given) => handedOver(given));

  it('is right after one that was left in the middle', async () => {
    await handedOver(of({ value: 'v' }, { value: 'v', headers: { a: ['1'] } }));
    const given = of({ value: 'next' });
    expect((await ours(given).encode()).buffer.equals((await kafkajs(given).encode()).buffer)).toBe(true);
  });
});
