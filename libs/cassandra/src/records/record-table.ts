import type { StreamDefinition, Value, Write } from '@orderstream/streams';
import { cellsOf, columnsOf } from '../cql/record-table-shape.js';
import type { CassandraSession, ResultRow } from '../session/cassandra-session.js';
import { cqlDecoder } from '../values/cql-values.js';
import { DECODERS, type RecordValue } from '../values/decode.js';
import { bigintIn, numberIn, textIn } from '../values/result-values.js';
import { type Lineage, NO_JOB_ID, RecordBinder } from './record-binder.js';
import type { Statement } from './statement.js';
import { type RowWriteTimes, writeTimesIn } from './row-write-times.js';
import { scanByTokenRange, type ScanOptions } from './token-scan.js';

export interface FoundRecord {
  /** canonical JSON values of the set columns, in the order of the definition; no lineage */
  readonly record: Readonly<Record<string, RecordValue>>;
  readonly writeTimeMicros: bigint;
  readonly lineage: StoredLineage;
}

export interface StoredLineage {
  /** -1: a hand has written the row, or its table has no lineage */
  readonly partition: number;
  readonly offset: string;
  readonly jobId?: string;
  readonly jobRow?: number;
}

/** The table of one stream. */
export class RecordTable {
  private readonly binder: RecordBinder;
  private readonly readers: ReadonlyArray<{ name: string; decode: (value: unknown) => RecordValue }>;

  constructor(
    private readonly session: CassandraSession,
    readonly definition: StreamDefinition,
  ) {
    this.binder = new RecordBinder(definition, session.keyspace);
    this.readers = columnsOf(definition).map(({ name, type, cql }) => ({
      name,
      decode: cql ? cqlDecoder(cql) : DECODERS[type],
    }));
  }

  /** Prepares every statement, so that a table that does not fit is found at the start. Rejects with the driver's error. */
  async prepareAll(): Promise<void> {
    const queries = Object.values(this.binder.statements).filter((query): query is string => query !== undefined);
    await this.session.prepare(queries);
  }

  /** `row` in the order of `CompiledStream.columns`. Throws UnbindableValueError, permanent for that row. */
  insertStatement(row: readonly Value[], lineage: Lineage, writeTimeMicros: number | bigint): Statement {
    return this.binder.insert(row, lineage, writeTimeMicros);
  }

  /**
   * What the record at `at` asks for, written with its own write time: repeating it changes nothing. Throws
   * UnbindableValueError, permanent for that record.
   */
  writeStatement(write: Write, at: { readonly partition: number; readonly offset: string }): Statement {
    const { writeTimeMicros, jobId, jobRow } = write.origin;
    if (write.kind === 'delete') return this.deleteStatement(write.key, writeTimeMicros);
    const lineage = { partition: at.partition, offset: at.offset, jobId, jobRow };
    return this.insertStatement(write.row, lineage, writeTimeMicros);
  }

  /** Deletes one row where nothing newer than `writeTimeMicros` was written. `key` is the whole primary key. */
  deleteStatement(key: readonly Value[], writeTimeMicros: number | bigint): Statement {
    return this.binder.delete(key, writeTimeMicros);
  }

  /** The rows under a whole primary key (one at most) or under its partition columns; newest write time first. */
  async findByPrimaryKey(key: readonly Value[]): Promise<FoundRecord[]> {
    const { partition, clustering } = this.definition.primaryKey;
    const whole = key.length === partition.length + clustering.length;
    if (!whole && key.length !== partition.length) {
      throw new RangeError(
        `The key of ${this.definition.name} has ${partition.length} or ${partition.length + clustering.length} values, got ${key.length}`,
      );
    }
    const { selectByPrimaryKey, selectByPartition } = this.binder.statements;
    return this.find(whole ? selectByPrimaryKey : selectByPartition, this.binder.bindKey(key, key.length));
  }

  /**
   * The write time of every cell of one row, and where it says it came from; undefined when there is no such row.
   * `key` is the whole primary key. Throws UnbindableValueError, rejects with the driver's error.
   */
  async findWriteTimes(key: readonly Value[]): Promise<RowWriteTimes | undefined> {
    const params = this.binder.bindKey(key, key.length);
    const { rows } = await this.session.execute(this.binder.statements.selectWriteTimes, params);
    return rows[0] && writeTimesIn(rows[0], cellsOf(this.definition).length);
  }

  /** All rows of an order, newest write time first. Empty on streams that have no orders. */
  async findByOrderId(id: string): Promise<FoundRecord[]> {
    const query = this.binder.statements.selectByOrderId;
    return query === undefined ? [] : this.find(query, [this.binder.bindOrderId(id)]);
  }

  /** A deletion older than this may be forgotten, and what was written before it come back, s. Rejects with the driver's error. */
  async gcGraceSeconds(): Promise<number> {
    const query = 'SELECT gc_grace_seconds FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?';
    const { rows } = await this.session.execute(query, [
      this.definition.keyspace ?? this.session.keyspace,
      this.definition.table,
    ]);
    return (rows[0] && numberIn(rows[0], 'gc_grace_seconds')) ?? 0;
  }

  /**
   * Every row of the table, by token range, in no order; `onRecords` is awaited before more is read. See
   * `scanByTokenRange` for what is in memory and what it rejects with.
   */
  async scan(onRecords: (records: FoundRecord[]) => void | Promise<void>, options: ScanOptions = {}): Promise<void> {
    const { selectAfterToken: after, selectBetweenTokens: between } = this.binder.statements;
    const onPage = (rows: readonly ResultRow[]) => onRecords(rows.map((row) => this.recordOf(row)));
    await scanByTokenRange(this.session, { after, between }, onPage, options);
  }

  private async find(query: string, params: readonly Uint8Array[]): Promise<FoundRecord[]> {
    const found: FoundRecord[] = [];
    for await (const page of this.session.pages(query, params)) for (const row of page) found.push(this.recordOf(row));
    return found.sort((a, b) =>
      a.writeTimeMicros === b.writeTimeMicros ? 0 : a.writeTimeMicros < b.writeTimeMicros ? 1 : -1,
    );
  }

  /** What a row of this table says, selected as `selectRecords` does. */
  recordOf(row: ResultRow): FoundRecord {
    const record: Record<string, RecordValue> = {};
    for (const { name, decode } of this.readers) {
      const value = row[name];
      if (value !== null && value !== undefined) record[name] = decode(value);
    }
    return { record, writeTimeMicros: bigintIn(row, 'write_time') ?? 0n, lineage: lineageIn(row) };
  }
}

function lineageIn(row: ResultRow): StoredLineage {
  const jobId = textIn(row, 'job_id');
  const jobRow = numberIn(row, 'job_row');
  return {
    partition: numberIn(row, 'kafka_partition') ?? -1,
    offset: textIn(row, 'kafka_offset') ?? '-1',
    ...(jobId === undefined || jobId === NO_JOB_ID ? {} : { jobId }),
    ...(jobRow === undefined || jobRow < 0 ? {} : { jobRow }),
  };
}
