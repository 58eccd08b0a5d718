import type { StreamDefinition } from '@orderstream/streams';
import { tableOf } from './identifiers.js';
import {
  cellsOf,
  cellTimes,
  columnNames,
  columnsOf,
  lineageOf,
  placeColumns,
  primaryKeyOf,
  rowWriteTime,
  selectedNames,
} from './record-table-shape.js';

/** Every statement on a stream's table, each one constant text: the driver prepares it once. */
export interface RecordStatements {
  /** columns in row order, lineage, write time (µs) */
  readonly insert: string;
  /** write time (µs), primary key */
  readonly delete: string;
  /** whole primary key */
  readonly selectByPrimaryKey: string;
  /** whole primary key: the place the row says it came from, and the write time of each cell as `cell_0`, `cell_1`, … */
  readonly selectWriteTimes: string;
  /** partition columns */
  readonly selectByPartition: string;
  /** by `orderId`, through its index where it is not the partition key; absent on streams without orders */
  readonly selectByOrderId: string | undefined;
  /** token of the partition key, exclusive */
  readonly selectAfterToken: string;
  /** two tokens of the partition key: exclusive, inclusive */
  readonly selectBetweenTokens: string;
}

export function recordStatements(definition: StreamDefinition, keyspace: string): RecordStatements {
  const table = tableOf(definition, keyspace);
  const cqlOf = columnNames(definition);
  const equals = (fields: readonly string[]): string => fields.map((name) => `${cqlOf(name)} = ?`).join(' AND ');
  const names = namesOf(definition);
  const from = selectRecords(definition, keyspace);
  const selectWhere = (condition: string): string => `${from} WHERE ${condition}`;
  const select = (where: readonly string[]): string => selectWhere(equals(where));
  const token = `token(${definition.primaryKey.partition.map(cqlOf).join(', ')})`;
  const timeOf = cellTimes(definition);
  const cells = cellsOf(definition).map((name, c) => `${timeOf(name)} AS cell_${c}`);
  const ttl = definition.ttl === undefined ? '' : ` AND TTL ${definition.ttl}`;
  const marks = names.map(() => '?').join(', ');
  return {
    insert: `INSERT INTO ${table} (${names.map(cqlOf).join(', ')}) VALUES (${marks}) USING TIMESTAMP ?${ttl}`,
    delete: `DELETE FROM ${table} USING TIMESTAMP ? WHERE ${equals(primaryKeyOf(definition))}`,
    selectByPrimaryKey: select(primaryKeyOf(definition)),
    selectWriteTimes: `SELECT ${[...placeColumns(definition), ...cells].join(', ')} FROM ${table} WHERE ${equals(primaryKeyOf(definition))}`,
    selectByPartition: select(definition.primaryKey.partition),
    selectByOrderId: definition.orderId === undefined ? undefined : select([definition.orderId]),
    selectAfterToken: selectWhere(`${token} > ?`),
    selectBetweenTokens: selectWhere(`${token} > ? AND ${token} <= ?`),
  };
}

/** Whole rows with their lineage and write time, as `RecordTable.recordOf` reads them; a condition may follow. */
export const selectRecords = (definition: StreamDefinition, keyspace: string): string =>
  `SELECT ${namesOf(definition).map(selectedNames(definition)).join(', ')}, ${rowWriteTime(definition)} AS write_time FROM ${tableOf(definition, keyspace)}`;

const namesOf = (definition: StreamDefinition): string[] =>
  [...columnsOf(definition), ...lineageOf(definition)].map(({ name }) => name);
