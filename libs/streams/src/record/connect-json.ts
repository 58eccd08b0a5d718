import { Buffer } from 'node:buffer';
import { decimalOfBytes } from '../values/decimal.js';
import { dateOfDays } from '../values/timestamp.js';

/** What Kafka Connect's JsonConverter writes with `schemas.enable=true`. */
export interface ConnectEnvelope {
  readonly schema: unknown;
  readonly payload: unknown;
}

interface ConnectSchema {
  readonly name?: unknown;
  readonly parameters?: { readonly scale?: unknown };
  /** of a struct */
  readonly fields?: readonly (ConnectSchema & { readonly field?: unknown })[];
  /** of an array or map */
  readonly items?: ConnectSchema;
  readonly values?: ConnectSchema;
}

const DECIMAL = 'org.apache.kafka.connect.data.Decimal';
const DATE = 'org.apache.kafka.connect.data.Date';
const MAX_SCALE = 100;

/** Exactly `schema` and `payload`, the schema an object: no stream of ours has such fields and no others. */
export function isConnectEnvelope(value: unknown): value is ConnectEnvelope {
  if (!isObject(value) || !Object.hasOwn(value, 'schema') || !Object.hasOwn(value, 'payload')) return false;
  const { schema, payload } = value;
  const isShape = isObject(schema) ? Object.hasOwn(schema, 'type') : schema === null;
  return Object.keys(value).length === 2 && isShape && (payload === null || isObject(payload));
}

/** The payload as plain JSON: decimals out of their base64, dates out of their days. Times are epoch ms already. */
export const payloadOf = ({ schema, payload }: ConnectEnvelope): unknown =>
  isObject(schema) ? plain(schema, payload) : payload;

function plain(schema: ConnectSchema | null | undefined, value: unknown): unknown {
  if (value === null || typeof schema !== 'object' || schema === null) return value;
  if (schema.name === DECIMAL) return plainDecimal(schema, value);
  if (schema.name === DATE) return (typeof value === 'number' && dateOfDays(value)) || value;
  if (Array.isArray(value)) return value.map((item) => plain(schema.items, item as unknown));
  if (!isObject(value)) return value;
  return plainStruct(schema, value);
}

function plainStruct(schema: ConnectSchema, value: Readonly<Record<string, unknown>>): unknown {
  const schemaByField = new Map<string, ConnectSchema>();
  const fields = Array.isArray(schema.fields) ? (schema.fields as Required<ConnectSchema>['fields']) : [];
  for (const field of fields) if (isObject(field)) schemaByField.set(String(field.field), field);
  const entries = Object.entries(value).map(([name, given]) => {
    return [name, plain(schemaByField.get(name) ?? schema.values, given)] as const;
  });
  return Object.fromEntries(entries);
}

function plainDecimal({ parameters }: ConnectSchema, value: unknown): unknown {
  const scale = Number(parameters?.scale ?? 0);
  if (typeof value !== 'string' || !Number.isInteger(scale) || scale < 0 || scale > MAX_SCALE) return value;
  return decimalOfBytes(Buffer.from(value, 'base64'), scale) ?? value;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
