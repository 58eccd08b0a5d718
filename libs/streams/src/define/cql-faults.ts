import { cqlTypeText, CqlTypeError, parseCqlType, userTypesIn } from '../cql/cql-type.js';
import type { FieldDefinition, StreamDefinition } from '../definition.js';
import { faultAt, type Fault, type Path } from './fault.js';

/** Faults of the CQL type of a field, and of one where there is none to be. */
export function cqlFaults(
  { type, cql }: FieldDefinition,
  { types, managed, writeTimeFrom }: StreamDefinition,
  path: Path,
): Fault[] {
  const place = [...path, 'cql'];
  if (type !== 'json') return cql === undefined ? [] : [faultAt(place, `is for json, not for ${type}`)];
  if (cql === undefined) return [faultAt(path, 'json needs cql: the type of the column, such as set<text>')];
  try {
    const parsed = parseCqlType(cql, types);
    if (parsed.kind === 'scalar') return [faultAt(place, `is ${cqlTypeText(parsed)}: make that the type of the field`)];
    // Each write appends to such a list, so that a record that is written again has its items twice.
    if (parsed.kind === 'list' && !parsed.frozen)
      return [faultAt(place, 'must be a frozen list: written again, its items would stand there twice')];
    if (writeTimeFrom !== undefined && !parsed.frozen)
      return [faultAt(place, 'must be frozen beside writeTimeFrom: values of one time would be mixed')];
    // A type of ours would have to be made and changed with its definition.
    return managed !== false && userTypesIn(parsed).size > 0
      ? [faultAt(place, 'has a user-defined type, which only a table that is not managed can have')]
      : [];
  } catch (error) {
    if (error instanceof CqlTypeError) return [faultAt(place, `"${cql}" ${error.message}`)];
    throw error;
  }
}
