import {
  avroEncoder,
  avroSchemaOf,
  compareDecimals,
  compileStream,
  defineStream,
  MAX_TIMESTAMP_MS,
  MIN_TIMESTAMP_MS,
  type Row,
  type StreamDefinition,
  type Value,
} from '@orderstream/streams';
import avro from 'avsc';
import fc from 'fast-check';
import { avroReader } from './avro-reader.js';

const DEFINITION = defineStream({
  name: 'every-type',
  description: 'One field of each type.',
  key: { fields: ['id', 'at'], separator: '|' },
  primaryKey: { partition: ['id'], clustering: [{ field: 'at', order: 'asc' }] },
  fields: [
    { name: 'id', type: 'text', required: true },
    { name: 'at', type: 'timestamp', required: true },
    { name: 'constructor', type: 'text' },
    { name: 'n', type: 'int' },
    { name: 'big', type: 'bigint' },
    { name: 'money', type: 'decimal' },
    { name: 'day', type: 'date' },
    { name: 'flag', type: 'boolean' },
    { name: 'uid', type: 'uuid' },
  ],
  derived: [{ name: 'total', type: 'decimal', from: { kind: 'product', of: ['n', 'money'] } }],
});
const STREAM = compileStream(DEFINITION);
const MONEY = STREAM.columns.findIndex(({ name }) => name === 'money');
const TOTAL = STREAM.columns.length - 1;
const encode = avroEncoder(DEFINITION, 0x01020304);
const read = avroReader(JSON.stringify(avroSchemaOf(DEFINITION)));

const texts = fc
  .oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.constantFrom('__proto__', '\u0000', '\u2028', 'ä'.repeat(600)))
  // UTF-8 has no lone surrogates, and white space alone is blank.
  .filter((text) => !/\p{Surrogate}/u.test(text) && text.trim() !== '');
const digits = (maxLength: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength });
const decimalsOf = (whole: number, fraction: number) =>
  fc.tuple(fc.boolean(), digits(whole), digits(fraction)).map(([isNegative, before, after]) => {
    const plain = (before.replace(/^0+/, '') || '0') + (after === '' ? '' : `.${after}`);
    return isNegative && /[1-9]/.test(plain) ? `-${plain}` : plain;
  });
const days = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const orUnset = <T extends Value>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
const rows = fc
  .tuple(
    texts,
    fc.integer({ min: MIN_TIMESTAMP_MS, max: MAX_TIMESTAMP_MS }),
    orUnset(texts),
    orUnset(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
    orUnset(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
    orUnset(decimalsOf(28, 10)),
    orUnset(days),
    orUnset(fc.boolean()),
    orUnset(fc.uuid()),
    fc.constant(undefined),
  )
  .map((row): Row => [...row]);

const readBack = (row: Row): Row => STREAM.readJson(read(encode(row) as Buffer)) as Row;

/** Equal but for zeros at the end of decimals, of which Avro knows nothing. */
function expectSame(found: Row, row: Row): void {
  const [mine, theirs] = [found[MONEY], row[MONEY]];
  if (typeof theirs === 'string') expect(compareDecimals(mine as string, theirs)).toBe(0);
  else expect(mine).toBe(theirs);
  const others = (each: Row): Row => each.filter((_, column) => column !== MONEY && column !== TOTAL);
  expect(others(found)).toEqual(others(row));
}

describe('a row in Avro', () => {
  it('comes back as the same row, whatever stands in it', () => {
    fc.assert(
      fc.property(rows, (row) => expectSame(readBack(row), row)),
      { numRuns: 300 },
    );
  });

  it('is what another implementation of Avro reads and writes', () => {
    class Long {
      static readonly type = avro.types.LongType.__with({
        fromBuffer: (bytes: Buffer) => String(bytes.readBigInt64LE()),
        toBuffer: (value: string) => {
          const bytes = Buffer.alloc(8);
          bytes.writeBigInt64LE(BigInt(value));
          return bytes;
        },
        fromJSON: String,
        toJSON: Number,
        isValid: (value: unknown) => typeof value === 'string',
        compare: () => 0,
      });
    }
    const theirs = avro.Type.forSchema(avroSchemaOf(DEFINITION) as unknown as avro.Schema, {
      registry: { long: Long.type },
    });
    fc.assert(
      fc.property(rows, (row) => {
        const bytes = encode(row) as Buffer;
        expect(bytes.readUInt32BE(1)).toBe(0x01020304);
        const value: unknown = theirs.fromBuffer(bytes.subarray(5));
        expect((value as { id: string }).id).toBe(row[0]);
        expect(theirs.toBuffer(value)).toEqual(bytes.subarray(5));
      }),
      { numRuns: 100 },
    );
  });

  it('has every decimal exactly or not at all', () => {
    fc.assert(
      fc.property(decimalsOf(40, 14), (money) => {
        const encoded = encode(['a', 0, undefined, undefined, undefined, money]);
        const [whole = '', fraction = ''] = money.replace('-', '').split('.');
        const fits = whole.replace(/^0+/, '').length <= 28 && fraction.replace(/0+$/, '').length <= 10;
        if (!fits) return expect(encoded).toMatchObject({ code: 'decimal_too_long', column: 'money', value: money });
        return expectSame(STREAM.readJson(read(encoded as Buffer)) as Row, [
          'a',
          0,
          undefined,
          undefined,
          undefined,
          money,
        ]);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps the zeros that people write, and no others', () => {
    const orders = { ...DEFINITION, fields: [...DEFINITION.fields] } as StreamDefinition;
    const fields = orders.fields.map((field) =>
      field.name === 'money' ? { ...field, fake: { kind: 'decimal', min: '1', max: '2', scale: 2 } as const } : field,
    );
    const definition = { ...orders, fields };
    const shown = avroReader(JSON.stringify(avroSchemaOf(definition)));
    const written = avroEncoder(definition, 1);
    const back = (money: string) =>
      (shown(written(['a', 0, undefined, undefined, undefined, money]) as Buffer) as { money: string }).money;
    expect(['12.50', '12.5', '12', '0.1234', '-0.10', '100'].map(back)).toEqual([
      '12.50',
      '12.50',
      '12.00',
      '0.1234',
      '-0.10',
      '100.00',
    ]);
  });

  it('is none for a row that lacks what is required, or clears something: those go as JSON', () => {
    expect(encode(['a', undefined])).toBeUndefined();
    expect(encode(['a', 0, null])).toBeUndefined();
    expect(encode(['a', 0, 'text', 'no number'])).toBeUndefined();
  });

  it('holds lists as arrays of records', () => {
    const items = [
      { name: 'sku', type: 'text', required: true },
      { name: 'price', type: 'decimal' },
      { name: 'at', type: 'timestamp' },
    ];
    const list = { name: 'items', type: 'list', items };
    const definition = {
      ...DEFINITION,
      fields: [DEFINITION.fields[0], list],
      derived: [],
    } as unknown as StreamDefinition;
    const json = '[{"sku":"a","price":"1.25","at":"2026-01-01T00:00:00.000Z"},{"sku":"b"}]';
    const value = avroReader(JSON.stringify(avroSchemaOf(definition)))(
      avroEncoder(definition, 1)(['x', json]) as Buffer,
    );
    expect(value).toEqual({
      id: 'x',
      items: [
        { sku: 'a', price: '1.25', at: Date.UTC(2026, 0, 1) },
        { sku: 'b', price: null, at: null },
      ],
    });
    const none = avroReader(JSON.stringify(avroSchemaOf(definition)))(
      avroEncoder(definition, 1)(['x', '[]']) as Buffer,
    );
    expect(none).toEqual({ id: 'x', items: [] });
  });
});
