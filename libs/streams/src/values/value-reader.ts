import type { RowFaultCode } from '@orderstream/contracts';
import type { FieldType, ScalarType } from '../definition.js';
import type { Value } from '../stream.js';
import { readDate } from './calendar.js';
import { canonicalDecimal, decimalOfNumber, MAX_DECIMAL_DIGITS } from './decimal.js';
import { parseTimestamp, timestampOfMs } from './timestamp.js';

/** How values of one field type are read. Every reader answers undefined for what it cannot read; none throws. */
export interface ValueReader {
  readonly code: RowFaultCode;
  /** Goes on after "quantity is "abc", not …". */
  readonly expected: string;
  /** `text` is not empty. */
  fromText(text: string): Value;
  /** A JSON number; left out where the type takes none. */
  fromNumber?(value: number): Value;
  fromBoolean?(value: boolean): Value;
}

const INT_MIN = -2_147_483_648;
const INT_MAX = 2_147_483_647;
const BIGINT_MIN = -(2n ** 63n);
const BIGINT_MAX = 2n ** 63n - 1n;
const WHOLE = /^[+-]?\d+$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const isInt = (value: number): boolean => Number.isInteger(value) && value >= INT_MIN && value <= INT_MAX;

/** Adding 0 turns negative zero, which JSON and `-0` can bring, into zero. */
const intOfNumber = (value: number): number | undefined => (isInt(value) ? value + 0 : undefined);

function bigintOfText(text: string): string | undefined {
  // The length bound keeps a hostile cell of 60,000 digits away from BigInt; leading zeros that long are no number.
  if (text.length > 40 || !WHOLE.test(text)) return undefined;
  const value = BigInt(text.charCodeAt(0) === 43 ? text.slice(1) : text);
  return value >= BIGINT_MIN && value <= BIGINT_MAX ? String(value) : undefined;
}

function booleanOfText(text: string): boolean | undefined {
  switch (text.toLowerCase()) {
    case 'true':
    case '1':
    case 'yes':
      return true;
    case 'false':
    case '0':
    case 'no':
      return false;
    default:
      return undefined;
  }
}

function uuidOfText(text: string): string | undefined {
  const lower = text.toLowerCase();
  return UUID.test(lower) ? lower : undefined;
}

const decimalReader = (maxDigits: number): ValueReader => ({
  code: 'bad_decimal',
  expected: `a decimal number with a point, without exponent, of at most ${maxDigits} digits`,
  fromText: (text) => canonicalDecimal(text, maxDigits),
  fromNumber: decimalOfNumber,
});

export const VALUE_READERS: Readonly<Record<FieldType, ValueReader>> = {
  text: {
    code: 'bad_text',
    expected: 'a text',
    fromText: (text) => text,
    fromNumber: (value) => (Math.abs(value) <= Number.MAX_SAFE_INTEGER ? String(value) : undefined),
  },
  int: {
    code: 'bad_int',
    expected: `a whole number from ${INT_MIN} to ${INT_MAX}`,
    fromText: (text) => (WHOLE.test(text) ? intOfNumber(Number(text)) : undefined),
    fromNumber: intOfNumber,
  },
  bigint: {
    code: 'bad_int',
    expected: `a whole number from ${BIGINT_MIN} to ${BIGINT_MAX}`,
    fromText: bigintOfText,
    fromNumber: (value) => (Number.isSafeInteger(value) ? String(value) : undefined),
  },
  decimal: decimalReader(MAX_DECIMAL_DIGITS),
  timestamp: {
    code: 'bad_timestamp',
    expected: 'ISO 8601, YYYY-MM-DD HH:MM:SS or epoch milliseconds between the years 1 and 9999',
    fromText: parseTimestamp,
    fromNumber: timestampOfMs,
  },
  date: { code: 'bad_date', expected: 'a calendar date of the form YYYY-MM-DD', fromText: readDate },
  boolean: {
    code: 'bad_boolean',
    expected: 'one of true, false, 1, 0, yes, no',
    fromText: booleanOfText,
    fromNumber: (value) => (value === 0 ? false : value === 1 ? true : undefined),
    fromBoolean: (value) => value,
  },
  uuid: { code: 'bad_uuid', expected: 'a UUID', fromText: uuidOfText },
  // Lists have a reader of their own, made from the fields of their items: see `read/list-reader.ts`.
  list: { code: 'bad_list', expected: 'a JSON list of objects', fromText: () => undefined },
  // And so have these, made from their CQL type: see `read/cql-reader.ts`.
  json: { code: 'bad_json_value', expected: 'JSON of the type of its column', fromText: () => undefined },
};

const NESTED: ReadonlySet<string> = new Set(['list', 'json'] satisfies FieldType[]);

/** Is it the name of a type of one value? */
export const isScalar = (type: string): type is ScalarType => Object.hasOwn(VALUE_READERS, type) && !NESTED.has(type);

/**
 * Must be readable again: a product of two decimals has up to twice their digits before its point, and as many after it;
 * a sum of products has both, and a few digits more.
 */
const DERIVED_DECIMAL = decimalReader(4 * MAX_DECIMAL_DIGITS + 8);

/** The reader of a derived column of that type. */
export const derivedReader = (type: FieldType): ValueReader =>
  type === 'decimal' ? DERIVED_DECIMAL : VALUE_READERS[type];
