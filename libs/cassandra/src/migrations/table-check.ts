import type { StreamDefinition } from '@orderstream/streams';
import { qualified } from '../cql/identifiers.js';
import { columnsOf, cqlTypeOf, LINEAGE_COLUMNS } from '../cql/record-table-shape.js';
import type { CassandraSession } from '../session/cassandra-session.js';
import { TableOutdatedError } from './migration-errors.js';

export interface ActualColumn {
  readonly type: string;
  /** `partition_key`, `clustering`, `regular` or `static` */
  readonly kind: string;
}

const KIND = { partition: 'partition_key', clustering: 'clustering', regular: 'regular' } as const;

/** Compares a table with the definition of its stream. Rejects with TableOutdatedError; surplus columns are left alone. */
export async function checkTable(session: CassandraSession, definition: StreamDefinition): Promise<void> {
  const query = 'SELECT column_name, type, kind FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ?';
  const { rows } = await session.execute(query, [session.keyspace, definition.table]);
  const actual = new Map(
    rows.map((row) => [String(row['column_name']), { type: String(row['type']), kind: String(row['kind']) }]),
  );
  const faults = tableFaults(definition, actual);
  if (faults.length > 0) throw new TableOutdatedError(qualified(session.keyspace, definition.table), faults);
}

/** What of the definition the table does not have, in words. */
export function tableFaults(definition: StreamDefinition, actual: ReadonlyMap<string, ActualColumn>): string[] {
  const lineage = LINEAGE_COLUMNS.map((column) => ({ ...column, role: 'regular' as const }));
  return [...columnsOf(definition), ...lineage].flatMap(({ name, type: fieldType, role }) => {
    const type = cqlTypeOf(fieldType);
    const found = actual.get(name);
    if (!found) return [`the column ${name} (${type}) is missing`];
    if (found.type !== type) return [`the column ${name} is ${found.type} instead of ${type}`];
    return found.kind === KIND[role] ? [] : [`the column ${name} is ${found.kind} instead of ${KIND[role]}`];
  });
}
