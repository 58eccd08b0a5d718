import avro from 'avsc';
import fc from 'fast-check';
import { avroReader } from './avro-reader.js';

const HEAD = Buffer.from([0, 0, 0, 0, 1]);
const typeOf = (schema: unknown): avro.Type => avro.Type.forSchema(schema as avro.Schema);
const readerOf = (schema: unknown) => {
  const read = avroReader(JSON.stringify(schema));
  return (bytes: Buffer | number[]): unknown => read(Buffer.concat([HEAD, Buffer.from(bytes)]));
};
const record = (...fields: object[]) => ({ type: 'record', name: 'R', fields });
const logical = (type: string, logicalType: string, more = {}) => ({ type, logicalType, ...more });

describe('Avro of other writers', () => {
  it.each([
    ['int', 7, 7],
    ['long', -5, -5],
    ['float', 0.1, 0.1],
    ['float', 16_777_216, 16_777_216],
    ['double', 1.5e-7, 1.5e-7],
    ['boolean', true, true],
    ['string', 'ä', 'ä'],
    ['bytes', Buffer.from('text'), 'text'],
    ['bytes', Buffer.from([0xff]), Buffer.from([0xff])],
    [{ type: 'enum', name: 'E', symbols: ['A', 'B'] }, 'B', 'B'],
    [{ type: 'fixed', name: 'F', size: 2 }, Buffer.from('ab'), 'ab'],
    [{ type: 'array', items: 'int' }, [1, 2, 3], [1, 2, 3]],
    [
      { type: 'map', values: ['null', 'int'] },
      { a: 1, b: null },
      { a: 1, b: null },
    ],
    [['null', 'string'], null, null],
    [logical('int', 'date'), 20_454, '2026-01-01'],
    [logical('long', 'timestamp-millis'), 1_000, 1_000],
    [logical('long', 'timestamp-micros'), -1, -1],
    [logical('long', 'timestamp-micros'), 1_999, 1],
    [logical('int', 'time-millis'), 3_661_001, '01:01:01.001'],
    [logical('bytes', 'decimal', { precision: 9, scale: 2 }), Buffer.from([0x03, 0xde]), '9.90'],
    [logical('bytes', 'decimal', { precision: 9, scale: 2 }), Buffer.from([0xff]), '-0.01'],
    [
      { type: 'fixed', name: 'D', size: 3, logicalType: 'decimal', precision: 6, scale: 0 },
      Buffer.from([0, 1, 0]),
      '256',
    ],
    [logical('string', 'uuid'), 'd3b07384-d9a0-4c1e-9b3a-0a1b2c3d4e5f', 'd3b07384-d9a0-4c1e-9b3a-0a1b2c3d4e5f'],
    [logical('string', 'ours-alone'), 'x', 'x'],
  ])('%j of %j', (schema, written, value) => {
    expect(readerOf(schema)(typeOf(schema).toBuffer(written))).toEqual(value);
  });

  it('has longs that no number holds as text', () => {
    const zigzag = Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
    expect(readerOf('long')(zigzag)).toBe(String(-(2n ** 63n)));
  });

  it('may be of a type that contains itself', () => {
    const list = record({ name: 'n', type: 'int' }, { name: 'next', type: ['null', 'R'] });
    const value = { n: 1, next: { n: 2, next: null } };
    expect(readerOf(list)(typeOf(list).toBuffer(value))).toEqual(value);
  });

  it('gives a reader by name what Avro resolves, for any fields that either has', () => {
    const all = ['a', 'b', 'c', 'd'].map((name) => ({ name, type: ['null', 'string'], default: null }));
    fc.assert(
      fc.property(
        fc.subarray(all),
        fc.subarray(all),
        fc.array(fc.option(fc.string()), { minLength: 4 }),
        (old, later, values) => {
          const writer = typeOf(record(...old));
          const bytes = writer.toBuffer(Object.fromEntries(old.map(({ name }, i) => [name, values[i]])));
          const given = readerOf(record(...old))(bytes) as Record<string, unknown>;
          const reader = typeOf(record(...later));
          const resolved = reader.fromBuffer(bytes, reader.createResolver(writer)) as Record<string, unknown>;
          expect(later.map(({ name }) => given[name] ?? null)).toEqual(later.map(({ name }) => resolved[name]));
        },
      ),
    );
  });
});

describe('bytes that are not what their schema says', () => {
  const everything = record(
    { name: 'text', type: 'string' },
    { name: 'lists', type: { type: 'array', items: { type: 'array', items: 'null' } } },
    { name: 'map', type: { type: 'map', values: 'bytes' } },
    { name: 'price', type: logical('bytes', 'decimal', { precision: 9, scale: 2 }) },
    { name: 'kind', type: { type: 'enum', name: 'E', symbols: ['A'] } },
    { name: 'maybe', type: ['null', 'double'] },
  );

  it.each([
    ['too short', 'string', [10, 65]],
    ['too long', 'int', [2, 2]],
    ['a length below zero', 'bytes', [1]],
    ['a branch that is none', ['null', 'int'], [4]],
    ['a symbol that is none', { type: 'enum', name: 'E', symbols: ['A'] }, [2]],
    ['a number of more than 64 bits', 'long', Array<number>(11).fill(0xff)],
    ['more items than bytes', { type: 'array', items: 'int' }, [0xfe, 0xff, 0xff, 0xff, 0x0f, 0]],
    ['items of nothing', { type: 'array', items: 'null' }, [4, 0]],
    ['a decimal of nothing', logical('bytes', 'decimal', { precision: 9, scale: 2 }), [0]],
  ])('%s', (_name, schema, bytes) => {
    expect(() => readerOf(schema)(bytes)).toThrow(/^it /);
  });

  it('are refused at once, whatever they are', () => {
    const read = readerOf(everything);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          read(Buffer.from(bytes));
        } catch (error) {
          expect((error as Error).name).toBe('AvroBytesError');
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
