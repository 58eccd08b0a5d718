import cassandra from 'cassandra-driver';
import type { types } from 'cassandra-driver';
import type { FieldType } from '@orderstream/streams';
import { decodeDecimal } from './decimal.js';

/** Item of a list, or JSON inside a record, its values as those of a record. */
export type RecordItem = { readonly [name: string]: RecordValue };

/**
 * Canonical JSON value of a stored one: decimals, bigints, dates and uuids as text, timestamps ISO 8601 with ms and Z,
 * lists as lists of objects, collections and user-defined types as lists and objects.
 */
export type RecordValue = string | number | boolean | readonly RecordValue[] | RecordItem;

type Decode = (value: unknown) => RecordValue;

const asText: Decode = (value) => String(value);

/** Canonical text of what the driver decoded. */
export function decimalText(value: unknown): string {
  return decodeDecimal(cassandra.types.BigDecimal.toBuffer(value as types.BigDecimal));
}

/** By field type, from what the driver decoded. */
export const DECODERS: Readonly<Record<FieldType, Decode>> = {
  text: asText,
  int: (value) => value as number,
  bigint: asText,
  decimal: decimalText,
  timestamp: (value) => (value as Date).toISOString(),
  date: (value) => dateText(value as types.LocalDate),
  boolean: (value) => value as boolean,
  uuid: asText,
  list: (value) => listOf(value as string),
  // By its CQL type: see cql-values.ts.
  json: asText,
};

/** A text that no writer of ours made is shown as it stands. */
function listOf(json: string): RecordValue {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? (value as readonly RecordItem[]) : json;
  } catch {
    return json;
  }
}

/** The driver writes years below 1000 without their zeros. */
function dateText({ year, month, day }: types.LocalDate): string {
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');
