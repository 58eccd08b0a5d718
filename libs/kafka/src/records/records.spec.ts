import { createRequire } from 'node:module';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import {
  produceRequests,
  type MakeProduceRequest,
  type ProducedMessage,
  type ProduceOptions,
} from './produce-request.js';
import { recordDecoder, type BatchContext, type DecodeRecord, type RecordBytes } from './record-decoder.js';

const require = createRequire(import.meta.url);
const FOLDER = 'kafkajs/src/protocol/';

const text = fc.string({ unit: 'binary', maxLength: 200 });
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const content = fc.oneof(text, bytes);
/** Few, so that the same name, and the same value, stand in the same place of several records. */
const name = fc.oneof(fc.constantFrom('os-job', 'os-row', 'content-type', ''), text).filter((each) => !(each in {}));
const value = fc.oneof(fc.constantFrom('application/json', 'f0b3d1e2-1111-4222-8333-123456789abc', ''), content);

/** Of a key or a value. */
const bytesOrText = fc.option(content, { nil: null });

const headers = fc
  .uniqueArray(fc.tuple(name, value), { selector: ([each]) => each, maxLength: 20 })
  .map((entries) => Object.fromEntries(entries));

const Decoder = require(`${FOLDER}decoder`) as new (bytes: Buffer) => RecordBytes & { readVarIntBytes(): Buffer };
const kafkajsDecode = require(`${FOLDER}recordBatch/record/v0/decoder`) as DecodeRecord;
const kafkajsEncode = require(`${FOLDER}recordBatch/record/v0`) as (record: object) => { readonly buffer: Buffer };

/** Nothing here is to be handed over. */
const refuse = (): never => {
  throw new Error('handed to kafkajs');
};

const CONTEXT: BatchContext = {
  firstOffset: String(2 ** 52),
  firstTimestamp: '1767225600000',
  maxTimestamp: '1767225699999',
  timestampType: 0,
  isControlBatch: false,
  magicByte: 2,
};

const record = fc.record(
  {
    offsetDelta: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    timestampDelta: fc.integer({ min: -(2 ** 30) + 1, max: 2 ** 30 - 1 }),
    key: bytesOrText,
    value: bytesOrText,
    headers,
  },
  { requiredKeys: ['value'] },
);

/** A record as its decoder gets it: the bytes behind its length. */
const bodyOf = (encoded: Buffer): RecordBytes => new Decoder(new Decoder(encoded).readVarIntBytes());

describe('records of a fetch', () => {
  it('are decoded to what kafkajs makes of them, one after the other', () => {
    const type = fc.constantFrom(0, 1);
    fc.assert(
      fc.property(fc.array(record, { maxLength: 20 }), type, (given, timestampType) => {
        const decode = recordDecoder(refuse);
        const context = { ...CONTEXT, timestampType };
        for (const each of given) {
          const { buffer } = kafkajsEncode(each);
          expect(decode(bodyOf(buffer), context)).toEqual(kafkajsDecode(bodyOf(buffer), context));
        }
      }),
    );
  });

  it('keep all values of a header that comes more than once', () => {
    const { buffer } = kafkajsEncode({ value: 'v', headers: { twice: ['1', '2', '3'], once: '4' } });
    const { headers: found } = recordDecoder(refuse)(bodyOf(buffer), CONTEXT);
    expect(found).toEqual(kafkajsDecode(bodyOf(buffer), CONTEXT).headers);
  });

  it.each(['__proto__', 'toString', 'constructor'])('may have a header of the name %s', (odd) => {
    const { buffer } = kafkajsEncode({ value: 'v', headers: Object.fromEntries([[odd, 'x']]) });
    const { headers: found } = recordDecoder(refuse)(bodyOf(buffer), CONTEXT);
    expect(Object.entries(found)).toEqual([[odd, Buffer.from('x')]]);
    expect(Object.getPrototypeOf(found)).toBe(Object.prototype);
  });

  it('are left to kafkajs when their numbers have more bits than a number keeps', () => {
    const { buffer } = kafkajsEncode({ value: 'v', timestampDelta: Number.MAX_SAFE_INTEGER });
    const decode = recordDecoder(kafkajsDecode);
    expect(decode(bodyOf(buffer), CONTEXT)).toEqual(kafkajsDecode(bodyOf(buffer), CONTEXT));
    const beyond = { ...CONTEXT, firstOffset: '9223372036854775000' };
    const near = kafkajsEncode({ value: 'v', offsetDelta: 7 }).buffer;
    expect(decode(bodyOf(near), beyond).offset).toBe('9223372036854775007');
  });

  it('go on after a header whose name has no length', () => {
    const { buffer } = kafkajsEncode({ value: 'v', headers: { '': 'a', next: 'b' } });
    const nameless = Buffer.from(buffer);
    nameless[nameless.indexOf(Buffer.from([0, 2, 97]))] = 1; // -1 where 0 was
    const decode = recordDecoder(refuse);
    expect(decode(bodyOf(nameless), CONTEXT).headers).toEqual({ null: Buffer.from('a'), next: Buffer.from('b') });
    expect(decode(bodyOf(buffer), { ...CONTEXT }).headers).toEqual({ '': Buffer.from('a'), next: Buffer.from('b') });
  });
});

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
