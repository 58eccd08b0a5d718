import type { RecordTable, Statement } from '@orderstream/cassandra';
import type { RecordBatch } from '@orderstream/kafka';
import type { ResolvedSchemas } from '@orderstream/schemas';
import {
  LastJob,
  transformRecord,
  type CompiledStream,
  type Refused,
  type StatsFold,
  type Transformed,
} from '@orderstream/streams';
import { derivedRecord, type DerivedByIndex } from '../derive/derived-record.js';

/** Why records of one batch are refused, by their index in it. */
export type RefusedByIndex = Map<number, Refused>;

/** What is found out of the records of a batch while their statements are made. */
export interface Transformation {
  readonly refused: RefusedByIndex;
  /** filled on streams that have a derived topic */
  readonly derived: DerivedByIndex;
  /** takes the rows; deletions are not counted */
  readonly fold: StatsFold;
}

/** Where the records of one topic go. */
export interface Route {
  readonly stream: CompiledStream;
  readonly table: RecordTable;
}

/** What records are read and written with. */
export type Binding = Route & ResolvedSchemas;

/**
 * The statement of each record in turn, undefined for one that is refused. A record is decoded when its statement is
 * asked for, so that only as many are in memory as the writer has room for. Ends before the first record whose schema is
 * not known yet.
 */
export function* bindStatements(
  { stream, table, schemas, readable }: Binding,
  batch: RecordBatch,
  { refused, derived, fold }: Transformation,
): Generator<Statement | undefined, void, void> {
  const { partition, records } = batch;
  const derives = stream.definition.derivedTopic !== undefined;
  const lastJob = new LastJob();
  for (let index = 0; index < readable; index++) {
    const record = records[index]!;
    const write = transformRecord(stream, record, lastJob, schemas);
    const done = bindRecord(table, write, { partition, offset: record.offset });
    if ('query' in done) {
      if (derives && write.kind !== 'refused') derived.set(index, derivedRecord(stream, record, write));
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
