import type { RecordBatch } from '@orderstream/kafka';
import {
  LastJob,
  StatsFold,
  transformRecord,
  type CompiledStream,
  type SchemaLookup,
  type StatsShape,
} from '@orderstream/streams';
import type { RefusedByIndex } from '../write/bind-statements.js';
import type { RecordOutcome } from '../write/finished-prefix.js';

/** What became of a batch: of its records, the leading `finished` are done. */
export interface SettledBatch {
  readonly finished: number;
  readonly outcomes: readonly RecordOutcome[];
  /** by the transform; a record that the store refused is not among them */
  readonly refused: RefusedByIndex;
  /** with which the records are read once more */
  readonly schemas: SchemaLookup;
}

/** Is every record that was folded while it was written applied, and no other? */
export function isWhole({ finished, outcomes, refused }: SettledBatch, count: number): boolean {
  if (finished < count) return false;
  let rejected = 0;
  for (const { kind } of outcomes) if (kind === 'rejected') rejected++;
  return rejected === refused.size;
}

/**
 * The records that are applied, read once more: those of a finished prefix, without the refused ones and without
 * deletions. Each is folded alone, or all together.
 */
export function* foldApplied(
  stream: CompiledStream,
  shape: StatsShape,
  batch: RecordBatch,
  { settled, each }: { readonly settled: SettledBatch; readonly each: boolean },
): Generator<StatsFold, void, void> {
  const lastJob = new LastJob();
  let fold = new StatsFold(shape);
  for (let i = 0; i < settled.finished; i++) {
    if (settled.outcomes[i]!.kind !== 'stored') continue;
    const record = batch.records[i]!;
    const done = transformRecord(stream, record, lastJob, settled.schemas);
    if (done.kind !== 'upsert') continue;
    fold.add(done.row, done.origin.writeTimeMicros, Number(record.offset));
    if (!each) continue;
    yield fold;
    fold = new StatsFold(shape);
  }
  if (!each) yield fold;
}
