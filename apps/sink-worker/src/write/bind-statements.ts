import type { RecordTable, Statement } from '@orderstream/cassandra';
import type { RecordBatch } from '@orderstream/kafka';
import type { Transformed } from '../transform/transform-record.js';

/**
 * The statement of each record, undefined for those that are refused. A row whose values the table cannot take becomes
 * refused here, in place: nothing of it was sent.
 */
export function bindStatements(
  table: RecordTable,
  transformed: Transformed[],
  batch: RecordBatch,
): (Statement | undefined)[] {
  return transformed.map((done, index) => {
    if (done.kind === 'refused') return undefined;
    try {
      return bind(table, done, batch.partition, batch.records[index]!.offset);
    } catch (error) {
      const fault = { code: 'refused_by_store', reason: (error as Error).message } as const;
      transformed[index] = { kind: 'refused', stage: 'write', fault, origin: done.origin };
      return undefined;
    }
  });
}

function bind(
  table: RecordTable,
  done: Exclude<Transformed, { kind: 'refused' }>,
  partition: number,
  offset: string,
): Statement {
  const { writeTimeMicros, jobId, jobRow } = done.origin;
  if (done.kind === 'delete') return table.deleteStatement(done.key, writeTimeMicros);
  return table.insertStatement(done.row, { partition, offset, jobId, jobRow }, writeTimeMicros);
}
