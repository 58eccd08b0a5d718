import { cqlTypeText, CqlTypeError, parseCqlType, userTypesIn } from '../cql/cql-type.js';
import type { FieldDefinition, StreamDefinition } from '../definition.js';
import { faultAt, type Fault, type Path } from './fault.js';

/** Faults of the CQL type of a field, and of one where there is none to be. */
export function cqlFaults({ type, cql }: FieldDefinition, { types, managed }: StreamDefinition, path: Path): Fault[] {
  const place = [...path, 'cql'];
  if (type !== 'json') return cql === undefined ? [] : [faultAt(place, `is for json, not for ${type}`)];
  if (cql === undefined) return [faultAt(path, 'json needs cql: the type of the column, such as set<text>')];
  try {
    const parsed = parseCqlType(cql, types);
    if (parsed.kind === 'scalar') return [faultAt(place, `is ${cqlTypeText(parsed)}: make that the type of the field`)];
    // A type of ours would have to be made and changed with its definition.
    return managed !== false && userTypesIn(parsed).size > 0
      ? [faultAt(place, 'has a user-defined type, which only a table that is not managed can have')]
      : [];
  } catch (error) {
    if (error instanceof CqlTypeError) return [faultAt(place, `"${cql}" ${error.message}`)];
    throw error;
  }
}
