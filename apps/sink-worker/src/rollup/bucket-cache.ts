import type { StoredBucket } from '@orderstream/cassandra';
import { addValues, bucketId, type BucketKey, type BucketValues } from '@orderstream/streams';

/** Buckets in memory over all partitions: about 40 MB at their usual size. */
export const MAX_BUCKETS = 50_000;

/** A bucket of this worker as the table has it, or as it was acknowledged since; undefined values: it has no records yet. */
export class CachedBucket {
  values: BucketValues | undefined;

  constructor(readonly key: BucketKey) {}

  /** Called when the table has acknowledged them; late answers may come in any order. */
  acknowledged(values: BucketValues): void {
    if (values.offset > (this.values?.offset ?? -1)) this.values = values;
  }
}

export type FindBuckets = (
  source: string,
  partition: number,
  keys: readonly BucketKey[],
) => Promise<readonly StoredBucket[]>;

/**
 * The buckets of one assignment. Each is read from the table once, when it is first touched, and again only after it
 * was dropped: the least recently touched ones go when there are too many. In memory are `max` of them and those that
 * the batches at hand touch.
 */
export class BucketCache {
  /** in the order of their last touch */
  private readonly bucketById = new Map<string, CachedBucket>();
  /** A bucket is read by one query at a time: two answers of different age could not be told apart. */
  private readonly readingById = new Map<string, Promise<void>>();

  constructor(
    private readonly find: FindBuckets,
    private readonly max = MAX_BUCKETS,
  ) {}

  get size(): number {
    return this.bucketById.size;
  }

  /** By `bucketId`. What is held this way stays usable when it is dropped meanwhile. Rejects as the store does. */
  async load(source: string, partition: number, keys: readonly BucketKey[]): Promise<Map<string, CachedBucket>> {
    const idOf = (key: BucketKey): string => `${source}/${partition}/${bucketId(key)}`;
    const unknown = keys.filter((key) => !this.bucketById.has(idOf(key)) && !this.readingById.has(idOf(key)));
    if (unknown.length > 0) void this.read(unknown, idOf, this.find(source, partition, unknown));
    const loaded = new Map<string, CachedBucket>();
    for (const key of keys) {
      const id = idOf(key);
      while (!this.bucketById.has(id)) await (this.readingById.get(id) ?? this.readOne(source, partition, key, idOf));
      loaded.set(bucketId(key), this.touch(id));
    }
    this.dropOldest(loaded.size);
    return loaded;
  }

  private readOne(source: string, partition: number, key: BucketKey, idOf: (key: BucketKey) => string): Promise<void> {
    return this.read([key], idOf, this.find(source, partition, [key]));
  }

  private read(
    keys: readonly BucketKey[],
    idOf: (key: BucketKey) => string,
    found: ReturnType<FindBuckets>,
  ): Promise<void> {
    const put = (buckets: readonly StoredBucket[]): void => {
      const valuesById = new Map(buckets.map(({ key, values }) => [idOf(key), values]));
      for (const key of keys) {
        const bucket = new CachedBucket(key);
        bucket.values = valuesById.get(idOf(key));
        this.bucketById.set(idOf(key), bucket);
      }
    };
    const reading = found.then(put).finally(() => keys.forEach((key) => this.readingById.delete(idOf(key))));
    for (const key of keys) this.readingById.set(idOf(key), reading);
    reading.catch(() => undefined); // whoever waits for it has the error
    return reading;
  }

  private touch(id: string): CachedBucket {
    const bucket = this.bucketById.get(id)!;
    this.bucketById.delete(id);
    this.bucketById.set(id, bucket);
    return bucket;
  }

  /** Those that were just touched stay. */
  private dropOldest(touched: number): void {
    const most = Math.max(this.max, touched);
    for (const id of this.bucketById.keys()) {
      if (this.bucketById.size <= most) return;
      this.bucketById.delete(id);
    }
  }
}

/** What the bucket has once these are counted too. */
export const withGain = (before: BucketValues | undefined, gain: BucketValues): BucketValues =>
  before === undefined ? gain : addValues(before, gain);
