import type { Value } from '../stream.js';
import { DAY_MS } from '../values/calendar.js';
import { parseTimestamp } from '../values/timestamp.js';
import type { AvroDecimal, AvroRecord, AvroType } from './avro-schema.js';
import type { ByteWriter } from './byte-writer.js';

/** Why a value cannot be written. */
export type Misfit = { readonly code: 'decimal_too_long' | 'not_of_its_type'; readonly reason: string };

/** Writes one set value of a row; answers what is wrong with it, having written nothing of use then. */
export type ValueWriter = (bytes: ByteWriter, value: Value) => Misfit | undefined;

/** Above this many digits, a number cannot hold the unscaled value exactly. */
const SAFE_DIGITS = 15;
const NULL = 0;
const VALUE = 2;

/** The writer of a type of `avro-schema.ts`. */
export function valueWriter(type: AvroType): ValueWriter {
  if (type === 'string') return writeText;
  if (type === 'int') return writeNumber;
  if (type === 'long') return (bytes, value) => asText(value, (text) => bytes.bigLong(BigInt(text)));
  if (type === 'boolean') return writeBoolean;
  if (type.type === 'bytes') return decimalWriter(type);
  if (type.type === 'array') return listWriter(type.items);
  if (type.logicalType === 'date') return writeDate;
  return type.logicalType === 'timestamp-millis' ? writeTimestamp : writeText;
}

/** In front of a value that may be unset; true where there is none to write. */
export function writePresence(bytes: ByteWriter, value: Value): boolean {
  bytes.byte(value == null ? NULL : VALUE);
  return value == null;
}

function asText(value: Value, write: (text: string) => void): Misfit | undefined {
  if (typeof value !== 'string') return notOfItsType(value);
  write(value);
  return undefined;
}

const writeText: ValueWriter = (bytes, value) => asText(value, (text) => bytes.text(text));

const writeNumber: ValueWriter = (bytes, value) => {
  if (typeof value !== 'number') return notOfItsType(value);
  bytes.long(value);
  return undefined;
};

const writeBoolean: ValueWriter = (bytes, value) => {
  if (typeof value !== 'boolean') return notOfItsType(value);
  bytes.byte(value ? 1 : 0);
  return undefined;
};

/** In the items of a list a time is ISO text, as in all JSON of ours. */
const writeTimestamp: ValueWriter = (bytes, value) =>
  writeNumber(bytes, typeof value === 'string' ? parseTimestamp(value) : value);

const writeDate: ValueWriter = (bytes, value) => asText(value, (text) => bytes.long(parseTimestamp(text)! / DAY_MS));

/** The unscaled value at the scale of the schema. What has more digits than fit is refused and never rounded. */
function decimalWriter({ precision, scale }: AvroDecimal): ValueWriter {
  return (bytes, value) => {
    if (typeof value !== 'string') return notOfItsType(value);
    const point = value.indexOf('.');
    const whole = point < 0 ? value : value.slice(0, point);
    let fraction = point < 0 ? '' : value.slice(point + 1);
    if (fraction.length > scale) fraction = fraction.replace(/0+$/, '');
    const digits = whole + fraction.padEnd(scale, '0');
    if (fraction.length > scale) return tooLong(value, precision, scale);
    if (digits.length <= SAFE_DIGITS) {
      bytes.unscaled(Number(digits) + 0);
      return undefined;
    }
    if (digits.replace(/^-?0*/, '').length > precision) return tooLong(value, precision, scale);
    bytes.unscaled(BigInt(digits));
    return undefined;
  };
}

/** A list is canonical JSON in its row: the items of an Avro array, all in one block. */
function listWriter({ fields }: AvroRecord): ValueWriter {
  const writers = fields.map(({ name, type }) =>
    Array.isArray(type)
      ? { name, isNullable: true, write: valueWriter((type as readonly ['null', AvroType])[1]) }
      : { name, isNullable: false, write: valueWriter(type as AvroType) },
  );
  const writeItem = (bytes: ByteWriter, item: Readonly<Record<string, Value>>): Misfit | undefined => {
    for (const { name, isNullable, write } of writers) {
      if (isNullable && writePresence(bytes, item[name])) continue;
      const misfit = write(bytes, item[name]);
      if (misfit) return misfit;
    }
    return undefined;
  };
  return (bytes, value) => {
    if (typeof value !== 'string') return notOfItsType(value);
    const items = JSON.parse(value) as readonly Readonly<Record<string, Value>>[];
    if (items.length > 0) bytes.long(items.length);
    for (const item of items) {
      const misfit = writeItem(bytes, item);
      if (misfit) return misfit;
    }
    bytes.byte(0);
    return undefined;
  };
}

function tooLong(value: string, precision: number, scale: number): Misfit {
  const reason =
    `${value} has more digits than its Avro type holds: ${precision - scale} before and ${scale} after the point. ` +
    'Nothing is rounded; send a shorter one.';
  return { code: 'decimal_too_long', reason };
}

const notOfItsType = (value: Value): Misfit => ({
  code: 'not_of_its_type',
  reason: `${String(value)} is not of its type`,
});
