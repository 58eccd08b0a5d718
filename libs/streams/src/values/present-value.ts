import type { FieldType } from '../definition.js';
import type { Value } from '../stream.js';
import { formatTimestamp } from './timestamp.js';
import { isScalar } from './value-reader.js';

/** The canonical JSON value of a stored value: timestamps as ISO 8601 UTC text, all others as they are; a list and other JSON is its text. */
export const presentValue = (type: FieldType, value: Value): Value =>
  type === 'timestamp' && typeof value === 'number' ? formatTimestamp(value) : value;

/** Canonical text of a set value, as in message keys; empty for an unset or cleared one. */
export function textOfValue(type: FieldType, value: Value): string {
  const presented = presentValue(type, value);
  return presented == null ? '' : String(presented);
}

/** Is this the canonical JSON value, as a query answers it, of that stored value? */
export const isPresented = (type: FieldType, value: Value, presented: unknown): boolean =>
  !isScalar(type) && typeof value === 'string'
    ? JSON.stringify(presented) === value
    : presentValue(type, value) === presented;
