import { classify, type RollupRepository } from '@orderstream/cassandra';
import type { BatchOutcome, RecordBatch } from '@orderstream/kafka';
import { withDeadline } from '@orderstream/resilience';
import {
  gainsOf,
  StatsFold,
  type BucketGain,
  type BucketValues,
  type CompiledStream,
  type StatsShape,
} from '@orderstream/streams';
import { foldApplied, isWhole, type SettledBatch } from './applied-records.js';
import { withGain, type BucketCache, type CachedBucket } from './bucket-cache.js';
import type { BucketWriter } from './bucket-writer.js';
import { UnknownSourceError } from './log-sources.js';

export interface CountParts {
  readonly store: Pick<RollupRepository, 'putStatement'>;
  readonly writer: Pick<BucketWriter, 'write'>;
  readonly cache: BucketCache;
  /** of the batch: which log it comes from */
  readonly source: Promise<string>;
}

/** A bucket with the values it is to have. */
interface ChangedBucket {
  readonly bucket: CachedBucket;
  values: BucketValues;
}

/** The statistics of one batch. It belongs to the assignment in which it began, whatever is assigned meanwhile. */
export class BatchCount {
  /** takes the records as they are bound for the table */
  readonly fold: StatsFold;

  constructor(
    private readonly batch: RecordBatch,
    private readonly stream: CompiledStream,
    private readonly shape: StatsShape,
    private readonly parts: CountParts,
  ) {
    this.fold = new StatsFold(shape);
    parts.source.catch(() => undefined); // it is awaited only when the rows are written
  }

  /**
   * Counts what is finished and answers the outcome, once the buckets are acknowledged. Until they are, nothing of the
   * batch is finished: it comes again, and each bucket skips what it has. Never rejects, never waits longer than `ms`.
   */
  async settle(outcome: BatchOutcome, settled: Omit<SettledBatch, 'finished'>, ms: number): Promise<BatchOutcome> {
    const { finished } = outcome;
    if (finished === 0) return outcome;
    try {
      const late = () => new CountDeadlineError(ms);
      await withDeadline(this.count({ ...settled, finished }), Math.max(0, ms), late);
      await this.batch.heartbeat().catch(() => undefined); // a revocation shows in batch.isRevoked()
      return outcome;
    } catch (error) {
      const reason = transientReason(error);
      if (reason !== undefined) return { finished: 0, verdict: 'wait', reason };
      return { finished: 0, verdict: 'unknown', error };
    }
  }

  private async count(settled: SettledBatch): Promise<void> {
    const { cache, writer, store } = this.parts;
    const { partition, records } = this.batch;
    const source = await this.parts.source;
    const fold = isWhole(settled, records.length) ? this.fold : this.foldsOf(settled, false).next().value;
    const gains = fold ? gainsOf(fold) : [];
    if (!fold || gains.length === 0) return;
    const bucketById = await cache.load(source, partition, gains);
    const hasPart = ({ id, values }: BucketGain): boolean => {
      const offset = offsetOf(bucketById.get(id)!.values);
      return offset >= fold.firstOffset && offset < values.offset;
    };
    const folds = gains.some(hasPart) ? this.foldsOf(settled, true) : [fold];
    const changed = changedBy(folds, bucketById);
    const statements = changed.map(({ bucket, values }) =>
      store.putStatement({ source, partition, key: bucket.key }, values),
    );
    await writer.write(statements, (index) => changed[index]!.bucket.acknowledged(changed[index]!.values));
  }

  private foldsOf(settled: SettledBatch, each: boolean): Generator<StatsFold, void, void> {
    return foldApplied(this.stream, this.shape, this.batch, { settled, each });
  }
}

/** A bucket takes a fold as a whole, or has all of it already. */
function changedBy(folds: Iterable<StatsFold>, bucketById: ReadonlyMap<string, CachedBucket>): ChangedBucket[] {
  const changedById = new Map<string, ChangedBucket>();
  for (const fold of folds) {
    for (const { id, values } of gainsOf(fold)) {
      const bucket = bucketById.get(id)!;
      const changed = changedById.get(id);
      const before = changed?.values ?? bucket.values;
      if (offsetOf(before) >= values.offset) continue;
      const after = withGain(before, values);
      if (changed) changed.values = after;
      else changedById.set(id, { bucket, values: after });
    }
  }
  return [...changedById.values()];
}

const offsetOf = (values: BucketValues | undefined): number => values?.offset ?? -1;

class CountDeadlineError extends Error {
  constructor(ms: number) {
    super(`the buckets of the statistics were not acknowledged within ${Math.round(ms)} ms`);
  }
}

function transientReason(error: unknown): string | undefined {
  if (error instanceof CountDeadlineError) return 'statistics_not_written';
  if (error instanceof UnknownSourceError) return 'topic_id_unknown';
  const failure = classify(error);
  return failure.class === 'transient' ? failure.code : undefined;
}
