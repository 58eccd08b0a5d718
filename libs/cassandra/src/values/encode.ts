import type { FieldType } from '@orderstream/streams';
import { encodeDecimal } from './decimal.js';

/** A value as the protocol carries it: bytes, `null` clears the column, `undefined` leaves it alone. */
export type BoundValue = Uint8Array | null | undefined;

/** A value that is not of its column's type. Permanent for its row; see `classify`. */
export class UnbindableValueError extends Error {
  readonly code = 'unbindable_value';
  readonly retriable = false;

  constructor(
    readonly type: string,
    readonly value: unknown,
  ) {
    super(`${JSON.stringify(String(value)).slice(0, 120)} cannot be stored as ${type}. Correct the value.`);
    this.name = 'UnbindableValueError';
  }
}

type Encode = (value: string | number | boolean) => Buffer;

const TWO_32 = 2 ** 32;
const MS_PER_DAY = 86_400_000;
/** CQL counts days from here, so that the epoch is in the middle of an unsigned int. */
const DATE_CENTRE = 2 ** 31;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const INT64 = /^-?\d{1,19}$/;
const TRUE = Buffer.from([1]);
const FALSE = Buffer.from([0]);

/**
 * Encoders by field type. Bytes are made here and not by the driver: its 64-bit and decimal encoders cost more than
 * the rest of a row, its errors do not tell a bad value from a defect, and only bytes have a size that can be counted.
 * Each throws UnbindableValueError.
 */
export const ENCODERS: Readonly<Record<FieldType, Encode>> = {
  text: encodeText,
  int: encodeInt,
  bigint: (value) => encodeInt64(value),
  decimal: (value) => (typeof value === 'string' && encodeDecimal(value)) || refuse('decimal', value),
  timestamp: encodeTimestamp,
  date: encodeDate,
  boolean: (value) => (typeof value === 'boolean' ? (value ? TRUE : FALSE) : refuse('boolean', value)),
  uuid: encodeUuid,
  list: encodeText,
  // By its CQL type: see cql-values.ts.
  json: (value) => refuse('json', value),
};

export function encodeText(value: string | number | boolean): Buffer {
  return typeof value === 'string' ? Buffer.from(value, 'utf8') : refuse('text', value);
}

export function encodeInt(value: string | number | boolean): Buffer {
  if (typeof value !== 'number' || (value | 0) !== value) return refuse('int', value);
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value, 0);
  return bytes;
}

/** A 64-bit integer of a safe number, a bigint, or decimal text. */
export function encodeInt64(value: string | number | bigint | boolean): Buffer {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? int64OfNumber(value) : refuse('bigint', value);
  if (typeof value === 'string' && INT64.test(value)) {
    return value.length <= 15 ? int64OfNumber(Number(value)) : int64OfBigInt(BigInt(value));
  }
  return typeof value === 'bigint' ? int64OfBigInt(value) : refuse('bigint', value);
}

export function encodeUuid(value: string | number | boolean): Buffer {
  if (typeof value !== 'string' || !UUID.test(value)) return refuse('uuid', value);
  return Buffer.from(value.replaceAll('-', ''), 'hex');
}

function encodeTimestamp(value: string | number | boolean): Buffer {
  return typeof value === 'number' && Number.isSafeInteger(value) ? int64OfNumber(value) : refuse('timestamp', value);
}

function encodeDate(value: string | number | boolean): Buffer {
  const ms = typeof value === 'string' && DATE.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(ms)) return refuse('date', value);
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(ms / MS_PER_DAY + DATE_CENTRE, 0);
  return bytes;
}

function int64OfNumber(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  const high = Math.floor(value / TWO_32);
  bytes.writeInt32BE(high, 0);
  bytes.writeUInt32BE(value - high * TWO_32, 4);
  return bytes;
}

function int64OfBigInt(value: bigint): Buffer {
  if (BigInt.asIntN(64, value) !== value) return refuse('bigint', value);
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64BE(value, 0);
  return bytes;
}

function refuse(type: string, value: unknown): never {
  throw new UnbindableValueError(type, value);
}
