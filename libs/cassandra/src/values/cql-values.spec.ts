import cassandra from 'cassandra-driver';
import { parseCqlType } from '@orderstream/streams';
import { cqlDecoder, cqlEncoder } from './cql-values.js';
import { UnbindableValueError } from './encode.js';

const { types } = cassandra;
const { text, int, bigint, timestamp, decimal, list, map, set, udt } = types.dataTypes;

interface DriverType {
  readonly code: number;
  readonly info?: unknown;
}
const driver = new (
  cassandra as unknown as {
    Encoder: new (
      version: number,
      options: object,
    ) => { encode(value: unknown, type: DriverType): Buffer; decode(bytes: Buffer, type: DriverType): unknown };
  }
).Encoder(4, { encoding: { useBigIntAsLong: true } });

const TYPES = { geo: { lat: 'decimal' }, address: { street: 'text', floor: 'int', at: 'frozen<geo>' } };
const GEO = { code: udt, info: { fields: [{ name: 'lat', type: { code: decimal } }] } };
const ADDRESS = {
  code: udt,
  info: {
    fields: [
      { name: 'street', type: { code: text } },
      { name: 'floor', type: { code: int } },
      { name: 'at', type: GEO },
    ],
  },
};

/** CQL type, canonical JSON, the driver's type and the value it would send. */
const CASES: [string, unknown, DriverType, unknown][] = [
  ['set<text>', ['a', 'ä', ''], { code: set, info: { code: text } }, ['a', 'ä', '']],
  ['list<int>', [3, -1, 3], { code: list, info: { code: int } }, [3, -1, 3]],
  [
    'map<text, bigint>',
    { a: '9007199254740993' },
    { code: map, info: [{ code: text }, { code: bigint }] },
    { a: 9007199254740993n },
  ],
  ['map<int, text>', { 7: 'x' }, { code: map, info: [{ code: int }, { code: text }] }, { 7: 'x' }],
  [
    'list<timestamp>',
    ['2026-01-01T00:00:00.001Z'],
    { code: list, info: { code: timestamp } },
    [new Date('2026-01-01T00:00:00.001Z')],
  ],
  [
    'frozen<address>',
    { street: 'A', at: { lat: '1.50' } },
    ADDRESS,
    { street: 'A', floor: null, at: { lat: types.BigDecimal.fromString('1.50') } },
  ],
  [
    'list<frozen<address>>',
    [{ floor: 2 }, {}],
    { code: list, info: ADDRESS },
    [{ floor: 2 }, {}].map((each) => ({ street: null, floor: null, at: null, ...each })),
  ],
];

describe('the bytes of a collection or a user-defined type', () => {
  it.each(CASES)('of type %s are those the driver would send, and come back', (cql, json, driverType, value) => {
    const type = parseCqlType(cql, TYPES);
    const bytes = cqlEncoder(type)(JSON.stringify(json));
    expect(bytes.toString('hex')).toBe(driver.encode(value, driverType).toString('hex'));
    expect(cqlDecoder(type)(driver.decode(bytes, driverType))).toEqual(json);
  });

  it('are not made of what is not of the type', () => {
    expect(() => cqlEncoder(parseCqlType('list<int>'))('["x"]')).toThrow(UnbindableValueError);
    expect(() => cqlEncoder(parseCqlType('list<int>'))(7)).toThrow(UnbindableValueError);
  });
});
