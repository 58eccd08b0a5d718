import { createRequire } from 'node:module';
import fc from 'fast-check';
import { bytesOrText, headers } from './records.fixture.js';
import { recordDecoder, type BatchContext, type DecodeRecord, type RecordBytes } from './record-decoder.js';

const require = createRequire(import.meta.url);
const FOLDER = 'kafkajs/src/protocol/';
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
