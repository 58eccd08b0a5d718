import type { StoredBucket } from '@orderstream/cassandra';
import { addValues, bucketId, type BucketGain, type BucketKey, type BucketValues } from '@orderstream/streams';

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

type Wanted = Pick<BucketGain, 'id' | 'key'>;

/** The buckets of one partition. */
interface Place {
  readonly source: string;
  readonly partition: number;
  /** before their ids: those of other partitions are the same */
  readonly prefix: string;
}

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

  /** By their id. What is held this way stays usable when it is dropped meanwhile. Rejects as the store does. */
  async load(source: string, partition: number, wanted: readonly Wanted[]): Promise<Map<string, CachedBucket>> {
    const place: Place = { source, partition, prefix: `${source}/${partition}/` };
    const isKnown = (id: string): boolean => this.bucketById.has(id) || this.readingById.has(id);
    const unknown = wanted.filter(({ id }) => !isKnown(place.prefix + id));
    if (unknown.length > 0) void this.read(place, unknown);
    const loaded = new Map<string, CachedBucket>();
    for (const each of wanted) {
      const id = place.prefix + each.id;
      while (!this.bucketById.has(id)) await (this.readingById.get(id) ?? this.read(place, [each]));
      loaded.set(each.id, this.touch(id));
    }
    this.dropOldest(loaded.size);
    return loaded;
  }

  private read({ source, partition, prefix }: Place, wanted: readonly Wanted[]): Promise<void> {
    const put = (buckets: readonly StoredBucket[]): void => {
      const valuesById = new Map(buckets.map(({ key, values }) => [bucketId(key), values]));
      for (const { id, key } of wanted) {
        const bucket = new CachedBucket(key);
        bucket.values = valuesById.get(id);
        this.bucketById.set(prefix + id, bucket);
      }
    };
    const keys = wanted.map(({ key }) => key);
    const reading = this.find(source, partition, keys)
      .then(put)
      .finally(() => wanted.forEach(({ id }) => this.readingById.delete(prefix + id)));
    for (const { id } of wanted) this.readingById.set(prefix + id, reading);
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
