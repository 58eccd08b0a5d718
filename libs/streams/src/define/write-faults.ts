import type { FieldDefinition, StreamDefinition } from '../definition.js';
import { canonicalDecimal, compareDecimals } from '../values/decimal.js';
import { isScalar, VALUE_READERS } from '../values/value-reader.js';
import { NUMERIC } from './bound-faults.js';
import { CONSISTENCIES } from './definition-shape.js';
import { faultAt, type Fault, type Path } from './fault.js';

/** Cassandra's bound: twenty years. */
const MAX_TTL_S = 630_720_000;

/** Faults of how rows are written: for how long, how surely, at which time, and with what where nothing was given. */
export function writeFaults(definition: StreamDefinition): Fault[] {
  const { ttl, consistency, fields } = definition;
  const faults: Fault[] = [];
  if (ttl !== undefined && !(Number.isInteger(ttl) && ttl >= 1 && ttl <= MAX_TTL_S))
    faults.push(faultAt(['ttl'], `is ${ttl}, but must be a whole number of seconds from 1 to ${MAX_TTL_S}`));
  if (consistency !== undefined && !CONSISTENCIES.includes(consistency))
    faults.push(faultAt(['consistency'], `"${consistency}" must be one of ${CONSISTENCIES.join(', ')}`));
  return [
    ...faults,
    ...writeTimeFaults(definition),
    ...fields.flatMap((field, i) => defaultFaults(field, ['fields', i])),
  ];
}

/** A row without the time could not be written, and one that is derived is no value that somebody has sent. */
function writeTimeFaults({ writeTimeFrom, fields }: StreamDefinition): Fault[] {
  if (writeTimeFrom === undefined) return [];
  const index = fields.findIndex(({ name }) => name === writeTimeFrom);
  const field = fields[index];
  if (!field || field.type !== 'timestamp' || !field.required)
    return [faultAt(['writeTimeFrom'], `"${writeTimeFrom}" must be a required field of the type timestamp`)];
  if (field.default !== undefined)
    return [faultAt(['writeTimeFrom'], `"${writeTimeFrom}" has a default, and rows of one time cannot be told apart`)];
  // Which of two generated updates is the newer one must be known without reading them.
  return field.fake === undefined || field.fake.kind === 'eventTime'
    ? []
    : [faultAt(['fields', index, 'fake'], `must be eventTime, for rows are written at the time of this field`)];
}

function defaultFaults({ type, default: text, min, max }: FieldDefinition, path: Path): Fault[] {
  if (text === undefined || !Object.hasOwn(VALUE_READERS, type)) return [];
  const place = [...path, 'default'];
  if (!isScalar(type)) return [faultAt(place, `a ${type} has no default`)];
  if (text.trim() === '') return [faultAt(place, 'must not be blank')];
  const reader = VALUE_READERS[type];
  if (reader.fromText(text) === undefined) return [faultAt(place, `"${text}" must be ${reader.expected}`)];
  if (!NUMERIC.includes(type)) return [];
  const value = canonicalDecimal(text) ?? text;
  // Bounds that are no plain decimals are reported with the bounds.
  const below = isPlain(min) && compareDecimals(value, min) < 0;
  const above = isPlain(max) && compareDecimals(value, max) > 0;
  return below || above ? [faultAt(place, `"${text}" must be inside the bounds of the field`)] : [];
}

const isPlain = (text: string | undefined): text is string => text !== undefined && canonicalDecimal(text) === text;
