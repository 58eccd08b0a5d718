import type { StreamDefinition, UserTypes } from '@orderstream/streams';
import { columnIdentifier, tableOf } from '../cql/identifiers.js';
import { cqlTypeOf } from '../cql/record-table-shape.js';
import type { CassandraSession } from '../session/cassandra-session.js';
import { listIn } from '../values/result-values.js';
import { TableOutdatedError } from './migration-errors.js';
import { changeSchema } from './schema-change.js';
import { type ActualColumn, compareTable } from './table-check.js';

export interface EvolutionOptions {
  /** called after each change and now and then while it takes long: the lock must outlive them all */
  readonly onChanged: () => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gives a table that exists the columns that its stream has gained, under the caller's lock. Rows that are there have
 * them unset. Rejects with TableOutdatedError, and nothing changed, when the definition asks for more than columns that
 * are not required. Columns that the definition no longer has stay as they are.
 */
export async function evolveTable(
  session: CassandraSession,
  definition: StreamDefinition,
  { onChanged, signal }: EvolutionOptions,
): Promise<void> {
  const table = tableOf(definition, session.keyspace);
  const { addable, faults } = compareTable(definition, await readColumns(session, definition));
  if (faults.length > 0) throw new TableOutdatedError(table, faults);
  for (const column of addable) {
    const statement = `ALTER TABLE ${table} ADD IF NOT EXISTS ${columnIdentifier(column.column)} ${cqlTypeOf(column)}`;
    await changeSchema(session, statement, signal, onChanged);
    await onChanged();
  }
}

/** The columns of a table; none where there is no such table. Rejects with the driver's error. */
export async function readColumns(
  session: CassandraSession,
  { keyspace, table }: Pick<StreamDefinition, 'keyspace' | 'table'>,
): Promise<Map<string, ActualColumn>> {
  const query =
    'SELECT column_name, type, kind, position, clustering_order FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ?';
  const { rows } = await session.execute(query, [keyspace ?? session.keyspace, table]);
  return new Map(
    rows.map((row) => [
      String(row['column_name']),
      {
        type: String(row['type']),
        kind: String(row['kind']),
        position: Number(row['position']),
        clusteringOrder: String(row['clustering_order']),
      },
    ]),
  );
}

/** The user-defined types of a keyspace. Rejects with the driver's error. */
export async function readUserTypes(session: CassandraSession, keyspace: string): Promise<UserTypes> {
  const query = 'SELECT type_name, field_names, field_types FROM system_schema.types WHERE keyspace_name = ?';
  const { rows } = await session.execute(query, [keyspace]);
  return Object.fromEntries(
    rows.map((row) => {
      const types = listIn(row, 'field_types');
      return [
        String(row['type_name']),
        Object.fromEntries(listIn(row, 'field_names').map((field, f) => [field, types[f]!])),
      ];
    }),
  );
}
