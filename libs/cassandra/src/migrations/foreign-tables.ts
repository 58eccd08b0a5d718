import { cqlTypeText, userTypesIn, type StreamDefinition, type UserTypes } from '@orderstream/streams';
import { tableOf } from '../cql/identifiers.js';
import { columnsOf, cqlTypeOf, LINEAGE_COLUMNS } from '../cql/record-table-shape.js';
import type { CassandraSession } from '../session/cassandra-session.js';
import { ForeignTableError } from './migration-errors.js';
import { type ActualColumn, compareTable } from './table-check.js';
import { readColumns, readUserTypes } from './table-evolution.js';

/** Tables of others, as their streams say: `managed: false`. */
export const isForeign = ({ managed }: StreamDefinition): boolean => managed === false;

/**
 * Holds the tables of others against the definitions of their streams; nothing is changed. Rejects with ForeignTableError,
 * which has every mismatch of every table, or with the driver's error.
 */
export async function checkForeignTables(
  session: CassandraSession,
  streams: readonly StreamDefinition[],
): Promise<void> {
  const faults: string[] = [];
  for (const definition of streams.filter(isForeign)) {
    const columns = await readColumns(session, definition);
    const indexed = await readIndexed(session, definition);
    const types = definition.types ? await readUserTypes(session, definition.keyspace ?? session.keyspace) : {};
    const table = tableOf(definition, session.keyspace);
    faults.push(
      ...[...foreignFaults(definition, columns, indexed), ...typeFaults(definition, types)].map(
        (fault) => `${definition.name} (${table}): ${fault}`,
      ),
    );
  }
  if (faults.length > 0) throw new ForeignTableError(faults);
}

/** Every mismatch between a definition and a table that must not be changed: its columns, its key, its indexes. */
export function foreignFaults(
  definition: StreamDefinition,
  columns: ReadonlyMap<string, ActualColumn>,
  indexed: ReadonlySet<string>,
): string[] {
  if (columns.size === 0) return ['there is no such table'];
  const isBare = definition.lineage !== false && LINEAGE_COLUMNS.every(({ name }) => !columns.has(name));
  const { addable, faults } = compareTable(isBare ? { ...definition, lineage: false } : definition, columns);
  const columnByName = new Map(columnsOf(definition).map(({ name, column }) => [name, column]));
  const unindexed = definition.indexes.map((name) => columnByName.get(name)!).filter((name) => !indexed.has(name));
  return [
    ...faults,
    ...addable.map((column) => `the column ${column.column} (${cqlTypeOf(column)}) is missing`),
    ...unindexed.map(
      (name) =>
        `the column ${name} has no storage-attached index (SAI) in the table, and the definition names it in indexes`,
    ),
    ...(isBare ? [NO_LINEAGE] : []),
  ];
}

/** Its fields are bound by their places, so all of them and in their order. */
export function typeFaults(definition: StreamDefinition, actual: UserTypes): string[] {
  const named = new Map(columnsOf(definition).flatMap(({ cql }) => (cql ? [...userTypesIn(cql)] : [])));
  return [...named].flatMap(([name, fields]) => {
    const defined = fields.map((field) => `${field.name} ${cqlTypeText(field.type)}`).join(', ');
    if (!Object.hasOwn(actual, name)) return [`there is no type ${name}`];
    const found = Object.entries(actual[name]!)
      .map((field) => field.join(' '))
      .join(', ');
    return found === defined
      ? []
      : [`the type ${name} is (${found}) in the keyspace and (${defined}) in the definition`];
  });
}

const NO_LINEAGE =
  `the columns ${LINEAGE_COLUMNS.map(({ name, type }) => `${name} (${type})`).join(', ')} are missing: say lineage: false ` +
  'to do without knowing where rows came from, or add them';

/** `CREATE INDEX … USING 'sai'` and `CREATE CUSTOM INDEX` name it in these ways. */
const SAI = /(^|\.)(sai|StorageAttachedIndex)$/i;

/** Columns with a storage-attached index. Others answer one equality only, and no combination: no filter is planned on them. */
async function readIndexed(session: CassandraSession, { keyspace, table }: StreamDefinition): Promise<Set<string>> {
  const query = 'SELECT options FROM system_schema.indexes WHERE keyspace_name = ? AND table_name = ?';
  const { rows } = await session.execute(query, [keyspace ?? session.keyspace, table]);
  const indexes = rows.map(({ options }) => (options ?? {}) as Readonly<Record<string, string>>);
  const attached = indexes.filter((index) => SAI.test(index['class_name'] ?? ''));
  return new Set(attached.map((index) => (index['target'] ?? '').replaceAll('"', '')));
}
