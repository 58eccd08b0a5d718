import fc from 'fast-check';
import type { FieldType } from '../definition.js';
import { compareDecimals, multiplyDecimals } from './decimal.js';
import {
  formatTimestamp,
  formatTimestampSeconds,
  MAX_TIMESTAMP_MS,
  MIN_TIMESTAMP_MS,
  parseTimestamp,
} from './timestamp.js';
import { VALUE_READERS } from './value-reader.js';

const REFUSED = undefined;

type Case = [text: string, value: unknown];

const CASES: Record<FieldType, Case[]> = {
  text: [
    [' as it stands ', ' as it stands '],
    ['=1+1', '=1+1'],
  ],
  int: [
    ['7', 7],
    ['+7', 7],
    ['007', 7],
    ['-0', 0],
    ['2147483647', 2147483647],
    ['-2147483648', -2147483648],
    ['2147483648', REFUSED],
    ['1.0', REFUSED],
    ['1e3', REFUSED],
    ['0x10', REFUSED],
    ['seven', REFUSED],
    ['1,000', REFUSED],
    ['9'.repeat(60_000), REFUSED],
  ],
  bigint: [
    ['9223372036854775807', '9223372036854775807'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['9223372036854775808', REFUSED],
    ['+007', '7'],
    ['-0', '0'],
    ['1.5', REFUSED],
    ['9'.repeat(60_000), REFUSED],
  ],
  decimal: [
    ['129.90', '129.90'],
    ['0', '0'],
    ['-0', '0'],
    ['-0.00', '0.00'],
    ['+5', '5'],
    ['007.50', '7.50'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['-.5', '-0.5'],
    ['00', '0'],
    ['9'.repeat(38), '9'.repeat(38)],
    ['9'.repeat(39), REFUSED],
    [`0.${'0'.repeat(37)}1`, `0.${'0'.repeat(37)}1`],
    [`0.${'0'.repeat(38)}1`, REFUSED],
    [`${'9'.repeat(20)}.${'9'.repeat(18)}`, `${'9'.repeat(20)}.${'9'.repeat(18)}`],
    [`${'9'.repeat(20)}.${'9'.repeat(19)}`, REFUSED],
    ['1e3', REFUSED],
    ['1,50', REFUSED],
    ['1.2.3', REFUSED],
    ['.', REFUSED],
    ['-', REFUSED],
    ['NaN', REFUSED],
    ['Infinity', REFUSED],
    ['12 EUR', REFUSED],
  ],
  timestamp: [
    ['2017-10-02 10:56:33', Date.UTC(2017, 9, 2, 10, 56, 33)],
    ['2017-10-02T10:56:33', Date.UTC(2017, 9, 2, 10, 56, 33)],
    ['2017-10-02T10:56:33Z', Date.UTC(2017, 9, 2, 10, 56, 33)],
    ['2017-10-02T10:56:33.5Z', Date.UTC(2017, 9, 2, 10, 56, 33, 500)],
    ['2017-10-02T10:56:33.123456789Z', Date.UTC(2017, 9, 2, 10, 56, 33, 123)],
    ['2017-10-02 10:56:33.045', Date.UTC(2017, 9, 2, 10, 56, 33, 45)],
    ['2017-10-02T10:56:33+02:00', Date.UTC(2017, 9, 2, 8, 56, 33)],
    ['2017-10-02T10:56:33.250-0330', Date.UTC(2017, 9, 2, 14, 26, 33, 250)],
    ['2017-10-02T10:56:33+02', Date.UTC(2017, 9, 2, 8, 56, 33)],
    ['2017-10-02T10:56', Date.UTC(2017, 9, 2, 10, 56)],
    ['2017-10-02T10:56Z', Date.UTC(2017, 9, 2, 10, 56)],
    ['2017-10-02', Date.UTC(2017, 9, 2)],
    ['2016-02-29', Date.UTC(2016, 1, 29)],
    ['2000-02-29', Date.UTC(2000, 1, 29)],
    ['0001-01-01', MIN_TIMESTAMP_MS],
    ['9999-12-31T23:59:59.999Z', MAX_TIMESTAMP_MS],
    ['1506941793000', 1506941793000],
    ['+1506941793000', 1506941793000],
    ['-150694179300', -150694179300],
    ['150694179', REFUSED],
    ['999999999999999', REFUSED],
    ['2017-02-29', REFUSED],
    ['1900-02-29', REFUSED],
    ['2017-02-30 10:00:00', REFUSED],
    ['2017-13-01', REFUSED],
    ['2017-00-10', REFUSED],
    ['2017-01-00', REFUSED],
    ['2017-04-31', REFUSED],
    ['0000-01-01', REFUSED],
    ['0001-01-01T00:00:00+01:00', REFUSED],
    ['9999-12-31T23:59:59-01:00', REFUSED],
    ['2017-10-02T24:00:00', REFUSED],
    ['2017-10-02T10:60:00', REFUSED],
    ['2017-10-02T10:56:60', REFUSED],
    ['2017-10-02T10:56:33.', REFUSED],
    ['2017-10-02T10:56:33.1234567890', REFUSED],
    ['2017-10-02T10:56:33 Z', REFUSED],
    ['2017-10-02T10:56:33+2', REFUSED],
    ['2017-10-02T10:56:33+25:00', REFUSED],
    ['2017-10-02T10:56:33Zulu', REFUSED],
    ['2017-10-02T10', REFUSED],
    ['2017-10-02X10:56:33', REFUSED],
    ['2017-1-2', REFUSED],
    ['02/10/2017', REFUSED],
    ['yesterday', REFUSED],
  ],
  date: [
    ['2024-02-29', '2024-02-29'],
    ['2023-02-29', REFUSED],
    ['2023-2-9', REFUSED],
    ['2024-02-29T00:00:00Z', REFUSED],
  ],
  boolean: [
    ['true', true],
    ['YES', true],
    ['1', true],
    ['False', false],
    ['no', false],
    ['0', false],
    ['2', REFUSED],
    ['y', REFUSED],
  ],
  uuid: [
    ['6F9619FF-8B86-D011-B42D-00C04FC964FF', '6f9619ff-8b86-d011-b42d-00c04fc964ff'],
    ['6f9619ff8b86d011b42d00c04fc964ff', REFUSED],
    ['6f9619ff-8b86-d011-b42d-00c04fc964fg', REFUSED],
  ],
  // Read by the fields of its items: see nested-records.spec.ts.
  list: [['[{}]', REFUSED]],
  // Read by their CQL type: see cql-reader.spec.ts.
  json: [['[1]', REFUSED]],
};

const NUMBERS: [FieldType, number, unknown][] = [
  ['text', 12.5, '12.5'],
  ['text', 2 ** 60, REFUSED],
  ['int', 7, 7],
  ['int', -0, 0],
  ['int', 7.5, REFUSED],
  ['int', 2 ** 31, REFUSED],
  ['bigint', 2 ** 53 - 1, '9007199254740991'],
  ['bigint', 2 ** 53, REFUSED],
  ['decimal', 0.1, '0.1'],
  ['decimal', -0, '0'],
  ['decimal', 1.5e-7, '0.00000015'],
  ['decimal', -1e-7, '-0.0000001'],
  ['decimal', 5e-324, REFUSED],
  ['decimal', 1e21, REFUSED],
  ['decimal', 2 ** 53, REFUSED],
  ['timestamp', 0, 0],
  ['timestamp', 1506941793000, 1506941793000],
  ['timestamp', 1.5, REFUSED],
  ['timestamp', 1e18, REFUSED],
  ['boolean', 1, true],
  ['boolean', 0, false],
  ['boolean', 2, REFUSED],
];

describe('reading values', () => {
  for (const [type, cases] of Object.entries(CASES) as [FieldType, Case[]][]) {
    it.each(cases)(`${type} text %s is read as %s`, (text, value) => {
      expect(Object.is(VALUE_READERS[type].fromText(text), value)).toBe(true);
    });
  }

  it.each(NUMBERS)('%s takes the JSON number %s as %s', (type, number, value) => {
    expect(Object.is(VALUE_READERS[type].fromNumber!(number), value)).toBe(true);
  });

  it('takes no JSON number for a date or a uuid', () => {
    expect(VALUE_READERS.date.fromNumber).toBeUndefined();
    expect(VALUE_READERS.uuid.fromNumber).toBeUndefined();
  });
});

describe('timestamps', () => {
  const moments = fc.integer({ min: MIN_TIMESTAMP_MS, max: MAX_TIMESTAMP_MS });

  it('are written as Date.toISOString writes them and read back as the same moment', () => {
    fc.assert(
      fc.property(moments, (ms) => {
        expect(formatTimestamp(ms)).toBe(new Date(ms).toISOString());
        expect(parseTimestamp(formatTimestamp(ms))).toBe(ms);
      }),
      { numRuns: 2000 },
    );
  });

  it('have a form to the second as in the Olist file', () => {
    expect(formatTimestampSeconds(Date.UTC(2017, 9, 2, 10, 56, 33, 999))).toBe('2017-10-02 10:56:33');
    expect(formatTimestampSeconds(-1)).toBe('1969-12-31 23:59:59');
  });
});

describe('decimals', () => {
  const decimals = fc
    .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 0, max: 12 }))
    .map(([unscaled, scale]) => ({ unscaled, scale, text: textOf(unscaled, scale) }));

  /** Written another way than the product writes it, to be an independent oracle. */
  function textOf(unscaled: bigint, scale: number): string {
    const magnitude = unscaled < 0n ? -unscaled : unscaled;
    const power = 10n ** BigInt(scale);
    const fraction = scale === 0 ? '' : `.${String(magnitude % power).padStart(scale, '0')}`;
    return `${unscaled < 0n ? '-' : ''}${magnitude / power}${fraction}`;
  }

  it('are multiplied exactly, with the scale of both', () => {
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        expect(multiplyDecimals(a.text, b.text)).toBe(textOf(a.unscaled * b.unscaled, a.scale + b.scale));
      }),
    );
    expect(multiplyDecimals('3', '0.10')).toBe('0.30');
    expect(multiplyDecimals('9007199254740993', '1')).toBe('9007199254740993');
  });

  it('are compared by value, whatever their scale', () => {
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        const difference = a.unscaled * 10n ** BigInt(b.scale) - b.unscaled * 10n ** BigInt(a.scale);
        expect(compareDecimals(a.text, b.text)).toBe(difference === 0n ? 0 : difference < 0n ? -1 : 1);
      }),
    );
    expect(compareDecimals('10.0', '10.00')).toBe(0);
  });
});
