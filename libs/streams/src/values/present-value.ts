import type { FieldType } from '../definition.js';
import type { Value } from '../stream.js';
import { formatTimestamp } from './timestamp.js';

/** The canonical JSON value of a stored value: timestamps as ISO 8601 UTC text, all others as they are. */
export const presentValue = (type: FieldType, value: Value): Value =>
  type === 'timestamp' && typeof value === 'number' ? formatTimestamp(value) : value;

/** Canonical text of a set value, as in message keys; empty for an unset or cleared one. */
export function textOfValue(type: FieldType, value: Value): string {
  const presented = presentValue(type, value);
  return presented == null ? '' : String(presented);
}
