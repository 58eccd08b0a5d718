import type { StreamDefinition } from '@orderstream/streams';
import { identifier, qualified } from './identifiers.js';
import { columnsOf, cqlTypeOf, LINEAGE_COLUMNS } from './record-table-shape.js';

const list = (names: readonly string[]): string => names.map(identifier).join(', ');

/** The stream's table and its indexes, in the order in which they must run. */
export function schemaOf(definition: StreamDefinition, keyspace: string): string[] {
  return [
    createTable(definition, keyspace),
    ...definition.indexes.map((column) => createIndex(definition, keyspace, column)),
  ];
}

function createTable(definition: StreamDefinition, keyspace: string): string {
  const columns = [...columnsOf(definition), ...LINEAGE_COLUMNS].map(
    ({ name, type }) => `  ${identifier(name)} ${cqlTypeOf(type)},`,
  );
  const { partition, clustering } = definition.primaryKey;
  const key = [`(${list(partition)})`, ...clustering.map(({ field }) => identifier(field))].join(', ');
  const order = clustering.map(({ field, order }) => `${identifier(field)} ${order.toUpperCase()}`).join(', ');
  return [
    `CREATE TABLE IF NOT EXISTS ${qualified(keyspace, definition.table)} (`,
    ...columns,
    `  PRIMARY KEY (${key})`,
    order === '' ? ')' : `) WITH CLUSTERING ORDER BY (${order})`,
  ].join('\n');
}

function createIndex({ table }: StreamDefinition, keyspace: string, column: string): string {
  const name = identifier(`${table}_${column}_idx`);
  return `CREATE INDEX IF NOT EXISTS ${name} ON ${qualified(keyspace, table)} (${identifier(column)}) USING 'sai'`;
}
