import type { StreamDefinition, Value } from '@orderstream/streams';
import { recordStatements, type RecordStatements } from '../cql/record-statements.js';
import { type ColumnShape, columnsOf, primaryKeyOf } from '../cql/record-table-shape.js';
import { cqlEncoder } from '../values/cql-values.js';
import {
  type BoundValue,
  encodeInt,
  encodeInt64,
  ENCODERS,
  encodeUuid,
  UnbindableValueError,
} from '../values/encode.js';
import { CELL_OVERHEAD_BYTES, composePartitionKey, ROW_OVERHEAD_BYTES, type Statement } from './statement.js';

/** Where a record came from. */
export interface Lineage {
  readonly partition: number;
  readonly offset: string | bigint;
  readonly jobId?: string | undefined;
  readonly jobRow?: number | undefined;
}

/** Written for "no job": null would be a tombstone per row, unset would leave the job of an earlier writer. */
export const NO_JOB_ID = '00000000-0000-0000-0000-000000000000';
export const NO_JOB_ROW = -1;
const NO_JOB_ID_BYTES = encodeUuid(NO_JOB_ID);
const NO_JOB_ROW_BYTES = encodeInt(NO_JOB_ROW);

/** kafka_partition int, kafka_offset bigint, job_id uuid, job_row int */
const LINEAGE_BYTES = 4 * CELL_OVERHEAD_BYTES + 4 + 8 + 16 + 4;

interface BoundColumn extends ColumnShape {
  readonly encode: (value: string | number | boolean) => Buffer;
}

/** Turns rows of one stream into statements. Pure but for a memory of the last job id, which most rows share. */
export class RecordBinder {
  readonly statements: RecordStatements;
  private readonly columns: readonly BoundColumn[];
  private readonly partitionIndexes: readonly number[];
  private readonly keyColumns: readonly BoundColumn[];
  private lastJobId = NO_JOB_ID;
  private lastJobIdBytes = NO_JOB_ID_BYTES;

  constructor(
    private readonly definition: StreamDefinition,
    keyspace: string,
  ) {
    this.statements = recordStatements(definition, keyspace);
    this.columns = columnsOf(definition).map((column) => ({
      ...column,
      encode: column.cql ? cqlEncoder(column.cql) : ENCODERS[column.type],
    }));
    const indexOf = (name: string): number => this.columns.findIndex((column) => column.name === name);
    this.partitionIndexes = definition.primaryKey.partition.map(indexOf);
    this.keyColumns = primaryKeyOf(definition).map((name) => this.columns[indexOf(name)]!);
  }

  /** Throws UnbindableValueError for a value that is not of its type or a key column that is unset. */
  insert(row: readonly Value[], lineage: Lineage, writeTimeMicros: number | bigint): Statement {
    const { columns } = this;
    const params: BoundValue[] = [];
    let sizeBytes = ROW_OVERHEAD_BYTES + LINEAGE_BYTES;
    for (let c = 0; c < columns.length; c++) {
      const column = columns[c]!;
      const value = row[c];
      if (value === undefined || value === null) {
        if (column.role !== 'regular') throw new UnbindableValueError(`the key column ${column.name}`, value);
        if (value === null) sizeBytes += CELL_OVERHEAD_BYTES;
        params.push(value);
        continue;
      }
      const bytes = column.encode(value);
      if (column.role === 'regular') sizeBytes += CELL_OVERHEAD_BYTES + bytes.length;
      else if (column.role === 'clustering') sizeBytes += bytes.length;
      params.push(bytes);
    }
    if (this.definition.lineage !== false) this.pushLineage(params, lineage);
    params.push(encodeInt64(writeTimeMicros));
    const { consistency } = this.definition;
    return { query: this.statements.insert, params, sizeBytes, consistency, ...this.partitionOf(row, params) };
  }

  /** `key` is the primary key, partition columns first. Throws UnbindableValueError. */
  delete(key: readonly Value[], writeTimeMicros: number | bigint): Statement {
    const bytes = this.bindKey(key, this.keyColumns.length);
    const partitionCount = this.partitionIndexes.length;
    return {
      query: this.statements.delete,
      consistency: this.definition.consistency,
      params: [encodeInt64(writeTimeMicros), ...bytes],
      sizeBytes: bytes.slice(partitionCount).reduce((sum, part) => sum + part.length, ROW_OVERHEAD_BYTES),
      partitionKeyId: key.slice(0, partitionCount).join('\u0000'),
      partitionKey: composePartitionKey(bytes.slice(0, partitionCount)),
    };
  }

  /** Bytes of the first `count` key columns. Throws UnbindableValueError. */
  bindKey(key: readonly Value[], count: number): Uint8Array[] {
    return this.keyColumns.slice(0, count).map((column, k) => {
      const value = key[k];
      if (value === undefined || value === null) throw new UnbindableValueError(`the key column ${column.name}`, value);
      return column.encode(value);
    });
  }

  /** Bytes of an order id. Throws UnbindableValueError. */
  bindOrderId(id: string): Uint8Array {
    const column = this.columns.find(({ name }) => name === this.definition.orderId);
    return ENCODERS[column?.type ?? 'text'](id);
  }

  private pushLineage(params: BoundValue[], lineage: Lineage): void {
    const { jobId, jobRow } = lineage;
    params.push(encodeInt(lineage.partition), encodeInt64(lineage.offset));
    params.push(jobId === undefined ? NO_JOB_ID_BYTES : this.jobIdBytes(jobId));
    params.push(jobRow === undefined ? NO_JOB_ROW_BYTES : encodeInt(jobRow));
  }

  private jobIdBytes(jobId: string): Buffer {
    if (jobId !== this.lastJobId) {
      this.lastJobIdBytes = encodeUuid(jobId);
      this.lastJobId = jobId;
    }
    return this.lastJobIdBytes;
  }

  private partitionOf(
    row: readonly Value[],
    params: readonly BoundValue[],
  ): { partitionKeyId: string; partitionKey: Uint8Array } {
    const indexes = this.partitionIndexes;
    if (indexes.length === 1) {
      return { partitionKeyId: String(row[indexes[0]!]), partitionKey: params[indexes[0]!]! };
    }
    return {
      partitionKeyId: indexes.map((index) => row[index]).join('\u0000'),
      partitionKey: composePartitionKey(indexes.map((index) => params[index]!)),
    };
  }
}
