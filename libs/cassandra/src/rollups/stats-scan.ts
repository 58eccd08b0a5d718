import type { StreamDefinition, Value } from '@orderstream/streams';
import { parseTimestamp } from '@orderstream/streams';
import { tableOf } from '../cql/identifiers.js';
import { columnNames, columnsOf, placeColumns, rowWriteTime, selectedNames } from '../cql/record-table-shape.js';
import { scanByTokenRange, type ScanOptions, type ScanStatements } from '../records/token-scan.js';
import type { CassandraSession, ResultRow } from '../session/cassandra-session.js';
import { DECODERS } from '../values/decode.js';
import { numberIn } from '../values/result-values.js';

/** What the statistics of a stream need of one row of its table. */
export interface StatsRow {
  /** in the order of `CompiledStream.columns`, only those that are counted */
  readonly row: Value[];
  /** -1 where a hand has written the row */
  readonly partition: number;
  readonly offset: number;
  readonly writeTimeMicros: number;
}

/** Columns that statistics read: what the definition names, and what a sample is made of. */
export function statsColumnsOf({ stats = {}, orderId, primaryKey }: StreamDefinition): string[] {
  const { product, ...others } = stats;
  const samples = orderId === undefined ? primaryKey.partition : [orderId];
  return [...new Set([...Object.values(others), ...(product ? [product.field] : []), ...samples])];
}

export function statsScanStatements(definition: StreamDefinition, keyspace: string): ScanStatements {
  const names = [...statsColumnsOf(definition), ...placeColumns(definition)].map(selectedNames(definition));
  const from = tableOf(definition, keyspace);
  const select = `SELECT ${names.join(', ')}, ${rowWriteTime(definition)} AS write_time FROM ${from}`;
  const token = `token(${definition.primaryKey.partition.map(columnNames(definition)).join(', ')})`;
  return { after: `${select} WHERE ${token} > ?`, between: `${select} WHERE ${token} > ? AND ${token} <= ?` };
}

/** Every row of the stream's table once, in no order; see `scanByTokenRange`. */
export async function scanForStats(
  session: CassandraSession,
  definition: StreamDefinition,
  onRows: (rows: readonly StatsRow[]) => void | Promise<void>,
  options: ScanOptions = {},
): Promise<void> {
  const wanted = new Set(statsColumnsOf(definition));
  const columns = columnsOf(definition).map(({ name, type }) => ({ name: wanted.has(name) ? name : undefined, type }));
  const valueIn = (row: ResultRow, { name, type }: (typeof columns)[number]): Value => {
    const value = name === undefined ? undefined : row[name];
    if (value === undefined || value === null) return undefined;
    const decoded = DECODERS[type](value);
    if (typeof decoded === 'object') return undefined; // a list, which no statistic is made of
    return type === 'timestamp' ? parseTimestamp(String(decoded)) : decoded;
  };
  const statements = statsScanStatements(definition, session.keyspace);
  const read = (row: ResultRow): StatsRow => ({
    row: columns.map((column) => valueIn(row, column)),
    partition: numberIn(row, 'kafka_partition') ?? -1,
    offset: numberIn(row, 'kafka_offset') ?? 0,
    writeTimeMicros: numberIn(row, 'write_time') ?? 0,
  });
  await scanByTokenRange(session, statements, (rows) => onRows(rows.map(read)), options);
}
