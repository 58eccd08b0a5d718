import { indexNameOf, type StreamDefinition } from '@orderstream/streams';
import { identifier, qualified } from './identifiers.js';
import { columnNames, columnsOf, cqlTypeOf, lineageOf } from './record-table-shape.js';

/** The stream's table and its indexes, in the order in which they must run. */
export function schemaOf(definition: StreamDefinition, keyspace: string): string[] {
  return [
    createTable(definition, keyspace),
    ...definition.indexes.map((column) => createIndex(definition, keyspace, column)),
  ];
}

function createTable(definition: StreamDefinition, keyspace: string): string {
  const cqlOf = columnNames(definition);
  const columns = [...columnsOf(definition), ...lineageOf(definition)].map(
    (column) => `  ${cqlOf(column.name)} ${cqlTypeOf(column)},`,
  );
  const { partition, clustering } = definition.primaryKey;
  const key = [`(${partition.map(cqlOf).join(', ')})`, ...clustering.map(({ field }) => cqlOf(field))].join(', ');
  const order = clustering.map(({ field, order }) => `${cqlOf(field)} ${order.toUpperCase()}`).join(', ');
  return [
    `CREATE TABLE IF NOT EXISTS ${qualified(keyspace, definition.table)} (`,
    ...columns,
    `  PRIMARY KEY (${key})`,
    order === '' ? ')' : `) WITH CLUSTERING ORDER BY (${order})`,
  ].join('\n');
}

function createIndex(definition: StreamDefinition, keyspace: string, column: string): string {
  const { table } = definition;
  const name = identifier(indexNameOf(table, column));
  return `CREATE INDEX IF NOT EXISTS ${name} ON ${qualified(keyspace, table)} (${columnNames(definition)(column)}) USING 'sai'`;
}
