import type { RecordTable, Statement } from '@orderstream/cassandra';
import type { RecordBatch } from '@orderstream/kafka';
import {
  LastJob,
  transformRecord,
  type CompiledStream,
  type Refused,
  type StatsFold,
  type Transformed,
} from '@orderstream/streams';

/** Why records of one batch are refused, by their index in it. */
export type RefusedByIndex = Map<number, Refused>;

/** What is learned of the records as they are bound. */
export interface BoundRecords {
  readonly refused: RefusedByIndex;
  /** takes the rows; deletions are not counted */
  readonly fold: StatsFold;
}

/**
 * The statement of each record in turn, undefined for one that is refused; why goes into `refused`. A record is decoded
 * when its statement is asked for, so that only as many are in memory as the writer has room for.
 */
export function* bindStatements(
  stream: CompiledStream,
  table: RecordTable,
  batch: RecordBatch,
  { refused, fold }: BoundRecords,
): Generator<Statement | undefined, void, void> {
  const { partition, records } = batch;
  const lastJob = new LastJob();
  for (let index = 0; index < records.length; index++) {
    const record = records[index]!;
    const write = transformRecord(stream, record, lastJob);
    const done = bindRecord(table, write, { partition, offset: record.offset });
    if ('query' in done) {
      if (write.kind === 'upsert') fold.add(write.row, write.origin.writeTimeMicros, Number(record.offset));
      yield done;
    } else {
      refused.set(index, done);
      yield undefined;
    }
  }
}

/** A row whose values the table cannot take is refused here; nothing of it is sent. */
function bindRecord(
  table: RecordTable,
  done: Transformed,
  at: { readonly partition: number; readonly offset: string },
): Statement | Refused {
  if (done.kind === 'refused') return done;
  try {
    return table.writeStatement(done, at);
  } catch (error) {
    const fault = { code: 'refused_by_store', reason: (error as Error).message } as const;
    return { kind: 'refused', stage: 'write', fault, origin: done.origin };
  }
}
