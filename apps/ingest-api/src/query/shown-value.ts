import { decodeValue, type SchemaLookup } from '@orderstream/streams';

/** The value of a record as it is shown. */
export interface ShownValue {
  /** the value where it is JSON, or Avro of a known schema; else null and `valueBase64` has its bytes */
  readonly record: unknown;
  readonly valueBase64?: string;
}

export function shownValue(value: Buffer | null, schemas: SchemaLookup): ShownValue {
  if (value === null) return { record: null };
  const decoded = decodeValue(value, schemas);
  return decoded.kind === 'value' ? { record: decoded.value } : { record: null, valueBase64: value.toString('base64') };
}
