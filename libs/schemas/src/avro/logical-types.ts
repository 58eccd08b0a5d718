import { dateOfDays, decimalOfBytes, withoutZeros } from '@orderstream/streams';
import avro from 'avsc';
import { AvroBytesError } from './byte-reader.js';

/** What a value of the type under a logical one becomes. */
export type FromPlain = (plain: unknown) => unknown;

const MAX_SCALE = 100;
const MICROS = 1_000;
const NANOS = 1_000_000;

/** avsc leaves out logical types that it was not told of; this one only keeps what the schema says. */
export class NotedType extends avro.types.LogicalType {
  readonly fromPlain: FromPlain;

  constructor(schema: avro.Schema, opts?: object) {
    super(schema, opts);
    this.fromPlain = fromPlainOf(schema as Readonly<Record<string, unknown>>);
  }

  protected override _fromValue(value: unknown): unknown {
    return value;
  }

  protected override _toValue(value: unknown): unknown {
    return value;
  }

  protected override _resolve(): undefined {
    return undefined;
  }
}

const NAMES = [
  'decimal',
  'uuid',
  'date',
  'time-millis',
  'time-micros',
  'timestamp-millis',
  'timestamp-micros',
  'timestamp-nanos',
  'local-timestamp-millis',
  'local-timestamp-micros',
  'local-timestamp-nanos',
];

export const LOGICAL_TYPES = Object.fromEntries(NAMES.map((name) => [name, NotedType])) as Record<
  string,
  typeof NotedType
>;

const same: FromPlain = (plain) => plain;

function fromPlainOf(schema: Readonly<Record<string, unknown>>): FromPlain {
  const name = String(schema['logicalType']);
  if (name === 'decimal') return decimalOf(schema);
  if (name === 'date') return (days) => (typeof days === 'number' && dateOfDays(days)) || days;
  if (name.endsWith('timestamp-micros')) return dividedBy(MICROS);
  if (name.endsWith('timestamp-nanos')) return dividedBy(NANOS);
  if (name === 'time-millis') return (ms) => clockOf(ms, 1);
  if (name === 'time-micros') return (micros) => clockOf(micros, MICROS);
  return name === 'uuid' ? uuidOf : same;
}

/** With at least `minScale` digits after the point where the schema is of ours, else with those of the scale. */
function decimalOf({ scale = 0, minScale = scale }: Readonly<Record<string, unknown>>): FromPlain {
  if (!isScale(scale) || !isScale(minScale)) return same;
  return (bytes) => {
    const decimal = Buffer.isBuffer(bytes) ? decimalOfBytes(bytes, scale) : undefined;
    if (decimal === undefined) throw new AvroBytesError('it has a decimal of no bytes or of too many');
    return minScale < scale ? withoutZeros(decimal, minScale) : decimal;
  };
}

const isScale = (scale: unknown): scale is number =>
  typeof scale === 'number' && Number.isInteger(scale) && scale >= 0 && scale <= MAX_SCALE;

/** Milliseconds; what is finer is cut off, as the digits of a text are. */
const dividedBy =
  (unit: number): FromPlain =>
  (value) =>
    typeof value === 'string'
      ? Number((BigInt(value) - floorMod(BigInt(value), BigInt(unit))) / BigInt(unit))
      : Math.floor((value as number) / unit);

const floorMod = (value: bigint, unit: bigint): bigint => ((value % unit) + unit) % unit;

/** `HH:MM:SS.mmm` */
function clockOf(value: unknown, unit: number): unknown {
  if (typeof value !== 'number') return value;
  const at = new Date(Math.floor(value / unit));
  return Number.isNaN(at.getTime()) ? value : at.toISOString().slice(11, 23);
}

/** Its text, or 16 bytes. */
function uuidOf(plain: unknown): unknown {
  if (!Buffer.isBuffer(plain) || plain.length !== 16) return plain;
  return plain.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
