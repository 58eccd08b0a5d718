import fc from 'fast-check';
import { compileStream } from './compile-stream.js';
import { defineStream } from './define/define-stream.js';
import { ORDERS } from './orders.stream.js';
import type { CompiledStream, Row, Value } from './stream.js';
import { USERS } from './users.stream.js';
import { MAX_TIMESTAMP_MS, MIN_TIMESTAMP_MS } from './values/timestamp.js';

const orders = compileStream(ORDERS);
const users = compileStream(USERS);

const EVERY_TYPE = compileStream(
  defineStream({
    name: 'every-type',
    description: 'One field of each type.',
    key: { fields: ['id', 'at'], separator: '|' },
    primaryKey: { partition: ['id'], clustering: [{ field: 'at', order: 'asc' }] },
    fields: [
      { name: 'id', type: 'text', required: true },
      { name: 'at', type: 'timestamp', required: true },
      { name: 'constructor', type: 'text' },
      { name: 'n', type: 'int', min: '-5', max: '1000000' },
      { name: 'big', type: 'bigint', min: '-10' },
      { name: 'money', type: 'decimal', max: '1000.5' },
      { name: 'day', type: 'date' },
      { name: 'flag', type: 'boolean' },
      { name: 'uid', type: 'uuid' },
    ],
    derived: [
      { name: 'total', type: 'decimal', from: { kind: 'product', of: ['n', 'money'] } },
      { name: 'hour', type: 'int', from: { kind: 'hourOf', of: 'at' } },
      { name: 'weekday', type: 'text', from: { kind: 'weekdayOf', of: 'at' } },
    ],
  }),
);

describe('JSON of a row', () => {
  const texts = fc
    .oneof(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1 }).map((codes) => String.fromCharCode(...codes)),
      fc.constantFrom('__proto__', '"', '\\', '\ud800', '\udfff\ud800', '\u0000', '\u2028', ' ', '=1+1', '{}', "'"),
    )
    // White space alone is blank, and blank is unset.
    .filter((text) => text.trim() !== '');
  const decimals = fc
    .tuple(
      fc.bigInt({ min: -(10n ** 20n), max: 999n }),
      fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 12 }),
    )
    .map(([whole, fraction]) => (fraction === '' ? `${whole}` : `${whole}.${fraction}`))
    .filter((text) => !/^-0[.0]*$/.test(text));
  const days = fc
    .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10));
  const orUnset = <T extends Value>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
  const rows = fc
    .tuple(
      texts,
      fc.integer({ min: MIN_TIMESTAMP_MS, max: MAX_TIMESTAMP_MS }),
      orUnset(texts),
      orUnset(fc.integer({ min: -5, max: 1_000_000 })),
      orUnset(fc.bigInt({ min: -10n, max: 2n ** 63n - 1n }).map(String)),
      orUnset(decimals),
      orUnset(days),
      orUnset(fc.boolean()),
      orUnset(fc.uuid()),
      fc.constant(undefined),
      fc.constant(undefined),
      fc.constant(undefined),
    )
    .map((row): Row => [...row]);

  const readBack = (stream: CompiledStream, row: Row) => stream.readJson(JSON.parse(stream.toJson(row)));

  it('reads back as the same row, whatever stands in it, derived or not', () => {
    fc.assert(
      fc.property(rows, (row) => {
        expect(readBack(EVERY_TYPE, row)).toEqual(row);
        expect(EVERY_TYPE.derive(row)).toBeUndefined();
        expect(readBack(EVERY_TYPE, row)).toEqual(row);
      }),
      { numRuns: 1000 },
    );
  });

  it('is UTF-8 without loss for any text, lone surrogates too', () => {
    const row = users.readJson({ id: 'x', first_name: 'a\ud800b' }) as Row;
    const bytes = Buffer.from(users.toJson(row));
    expect(users.readJson(JSON.parse(bytes.toString()))).toEqual(row);
  });

  it('has canonical values of set fields only, in the order of the definition', () => {
    const row = orders.readJson({
      timestamp: 1714979289000,
      price: '+09.90',
      order_id: 'o-1',
      product: 'Kite',
      category: 'toys',
      quantity: 3,
      customer_name: null,
    }) as Row;
    orders.derive(row);
    expect(orders.toJson(row)).toBe(
      '{"order_id":"o-1","product":"Kite","category":"toys","quantity":3,"price":"9.90",' +
        '"timestamp":"2024-05-06T07:08:09.000Z","total_amount":"29.70"}',
    );
    expect(orders.toJson([])).toBe('{}');
  });
});
