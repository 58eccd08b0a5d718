import type { StoredBucket } from '@orderstream/cassandra';
import { bucketId, type BucketKey } from '@orderstream/streams';
import { BucketCache, CachedBucket } from './bucket-cache.js';

const wanted = (from: number, to: number): { id: string; key: BucketKey }[] =>
  Array.from({ length: to - from }, (_, i) => {
    const key = { shard: 'all', name: `c${from + i}`, day: 0 };
    return { id: bucketId(key), key };
  });

describe('BucketCache', () => {
  it('holds no more buckets than it may, and those that a batch touches', async () => {
    let reads = 0;
    const find = (_: string, __: number, keys: readonly BucketKey[]) => {
      reads += keys.length;
      return Promise.resolve([]);
    };
    const cache = new BucketCache(find, 100);
    for (let n = 0; n < 50; n++) {
      expect((await cache.load('s', n % 3, wanted(n * 10, n * 10 + 10))).size).toBe(10);
      expect(cache.size).toBeLessThanOrEqual(100);
    }
    expect(reads).toBe(500);
    await cache.load('s', 49 % 3, wanted(490, 500));
    expect(reads).toBe(500);
    expect((await cache.load('s', 0, wanted(0, 150))).size).toBe(150);
    expect(cache.size).toBe(150);
  });

  it('reads a bucket by one query at a time, and again after one that failed', async () => {
    const answers: { resolve: (found: StoredBucket[]) => void; reject: (error: Error) => void }[] = [];
    const find = () => new Promise<StoredBucket[]>((resolve, reject) => answers.push({ resolve, reject }));
    const cache = new BucketCache(find);
    const [first, second] = [cache.load('s', 0, wanted(0, 2)), cache.load('s', 0, wanted(1, 2))];
    expect(answers).toHaveLength(1);
    answers[0]!.reject(new Error('away'));
    await expect(first).rejects.toThrow('away');
    await expect(second).rejects.toThrow('away');
    const third = cache.load('s', 0, wanted(0, 2));
    answers[1]!.resolve([]);
    expect((await third).size).toBe(2);
  });

  it('keeps the furthest values that were acknowledged, whichever answer comes last', () => {
    const bucket = new CachedBucket(wanted(0, 1)[0]!.key);
    const values = (offset: number) => ({ offset, slots: [], products: [], moreProducts: false, samples: [] });
    bucket.acknowledged(values(9));
    bucket.acknowledged(values(4));
    expect(bucket.values).toEqual(values(9));
  });
});
