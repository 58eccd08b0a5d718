import type { RollupRepository } from '@orderstream/cassandra';
import type { RecordBatch } from '@orderstream/kafka';
import { statsShapeOf, type CompiledStream, type StatsShape } from '@orderstream/streams';
import { BatchCount } from './batch-count.js';
import { BucketCache } from './bucket-cache.js';
import type { BucketWriter } from './bucket-writer.js';
import { LogSources, type AskTopicId } from './log-sources.js';

export interface RollupParts {
  readonly store: Pick<RollupRepository, 'findBuckets' | 'putStatement'>;
  readonly writer: Pick<BucketWriter, 'write'>;
  readonly askTopicId: AskTopicId;
}

/**
 * The statistics of what this worker applies, as absolute values that are a pure function of the log: whoever counts a
 * partition up to an offset comes to the same. What it knows of the buckets holds for one assignment only, for between
 * two of them another worker may have counted on.
 */
export class Rollup {
  private readonly shapeByStream = new Map<string, StatsShape>();
  private cache: BucketCache;
  private sources: LogSources;

  constructor(
    private readonly parts: RollupParts,
    private readonly maxBuckets?: number,
  ) {
    this.cache = this.newCache();
    this.sources = new LogSources(parts.askTopicId);
  }

  /** Forgets what it knows; batches that still run keep what they began with. */
  newAssignment(): void {
    this.cache = this.newCache();
    this.sources = new LogSources(this.parts.askTopicId);
  }

  /** Call it before the batch is written, in the turn in which it was handed over. */
  begin(batch: RecordBatch, stream: CompiledStream): BatchCount {
    const source = this.sources.sourceOf(batch, stream);
    return new BatchCount(batch, stream, this.shapeOf(stream), { ...this.parts, cache: this.cache, source });
  }

  private shapeOf(stream: CompiledStream): StatsShape {
    let shape = this.shapeByStream.get(stream.name);
    if (!shape) this.shapeByStream.set(stream.name, (shape = statsShapeOf(stream.definition)));
    return shape;
  }

  private newCache(): BucketCache {
    const { store } = this.parts;
    return new BucketCache((source, partition, keys) => store.findBuckets(source, partition, keys), this.maxBuckets);
  }
}
