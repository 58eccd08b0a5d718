import cassandra from 'cassandra-driver';
import fc from 'fast-check';
import type { FieldType, ScalarType } from '@orderstream/streams';
import { driverEncoder } from './driver-encoder.fixture.js';
import { encodeInt64, ENCODERS, UnbindableValueError } from './encode.js';

const { types } = cassandra;
const ours = (type: FieldType, value: string | number | boolean) => ENCODERS[type](value).toString('hex');
const theirs = (type: ScalarType, value: unknown) =>
  driverEncoder.encode(value, { code: types.dataTypes[type] }).toString('hex');

const samples: Array<[ScalarType, fc.Arbitrary<string | number | boolean>]> = [
  ['text', fc.string({ unit: 'grapheme' })],
  ['int', fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })],
  ['bigint', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)],
  ['timestamp', fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 })],
  [
    'date',
    fc
      .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
      .map((d) => d.toISOString().slice(0, 10)),
  ],
  ['boolean', fc.boolean()],
  ['uuid', fc.uuid()],
];

describe('the bytes of a value', () => {
  it.each(samples)('of type %s are those the driver would send', (type, values) => {
    fc.assert(fc.property(values, (value) => expect(ours(type, value)).toBe(theirs(type, value))));
  });

  it('of a write time are the same from a number, a bigint and text', () => {
    for (const micros of [0, 1, -1, 1_700_000_000_123_456, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
      const hex = encodeInt64(micros).toString('hex');
      expect(encodeInt64(BigInt(micros)).toString('hex')).toBe(hex);
      expect(encodeInt64(String(micros)).toString('hex')).toBe(hex);
    }
  });

  it.each<[FieldType, string | number | boolean]>([
    ['int', 2 ** 31],
    ['int', 1.5],
    ['int', '1'],
    ['bigint', '9223372036854775808'],
    ['bigint', 'abc'],
    ['bigint', 1.5],
    ['decimal', '1e5'],
    ['decimal', 1],
    ['timestamp', NaN],
    ['timestamp', '2020-01-01'],
    ['date', '2020-13-01'],
    ['date', '20200101'],
    ['boolean', 'false'],
    ['uuid', 'zz'],
    ['text', 5],
  ])('of type %s are refused for %p, as an error of that row alone', (type, value) => {
    expect(() => ENCODERS[type](value)).toThrow(UnbindableValueError);
  });
});
