import type { FieldDefinition, StreamDefinition } from '../definition.js';
import { faultAt, type Fault } from './fault.js';

/** As CQL takes it without quotes. */
const KEYSPACE = /^[a-z][a-z0-9_]{0,47}$/;

/** Faults of what a definition says of a table that is somebody else's. */
export function managedFaults(definition: StreamDefinition): Fault[] {
  const { managed, keyspace, lineage, types } = definition;
  const faults: Fault[] = [];
  if (keyspace !== undefined && managed !== false)
    faults.push(faultAt(['keyspace'], 'is for a table that is not managed: say managed: false, or leave it out'));
  if (keyspace !== undefined && !KEYSPACE.test(keyspace))
    faults.push(faultAt(['keyspace'], `"${keyspace}" must be a small letter and up to 47 small letters, digits and _`));
  if (lineage === false && managed !== false)
    faults.push(faultAt(['lineage'], 'every table that orderstream makes has its lineage: say managed: false as well'));
  if (lineage === false && !sureFieldOf(definition))
    faults.push(
      faultAt(
        ['lineage'],
        'needs a required field outside the primary key, not json, whose write time is that of the row',
      ),
    );
  if (types !== undefined && managed !== false)
    faults.push(
      faultAt(['types'], 'are those of a keyspace that is not managed: say managed: false, or leave them out'),
    );
  return faults;
}

/** A field that every record writes a cell of: required, outside the primary key, and one cell. */
export function sureFieldOf({ fields, primaryKey }: StreamDefinition): FieldDefinition | undefined {
  const key = new Set([...primaryKey.partition, ...primaryKey.clustering.map(({ field }) => field)]);
  return fields.find(({ name, type, required }) => required && type !== 'json' && !key.has(name));
}
