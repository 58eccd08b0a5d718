import { KeyBuckets } from './key-buckets.js';

const keys = (count: number): string[] => Array.from({ length: count }, (_, n) => `row-${n}`);

/** Every key, twice in each pass, as a log has them; answers the passes. */
function passesOver(all: readonly string[], maxKeys: number): string[][] {
  const buckets = new KeyBuckets<{ seen: number }>(maxKeys);
  const passes: string[][] = [];
  let most = 0;
  while (buckets.next()) {
    for (const key of [...all, ...all]) {
      const item = buckets.itemOf(key, () => ({ seen: 0 }));
      if (item) item.seen++;
      most = Math.max(most, buckets.items.size);
    }
    expect([...buckets.items.values()].every(({ seen }) => seen === 2)).toBe(true);
    passes.push([...buckets.items.keys()]);
  }
  expect(most).toBeLessThanOrEqual(maxKeys);
  return passes;
}

describe('KeyBuckets', () => {
  it('has all keys in one pass when there is room for them', () => {
    expect(passesOver(keys(100), 100)).toEqual([keys(100)]);
  });

  it('counts the bytes of keys too, and takes one that is larger than all of them may be', () => {
    const long = Array.from({ length: 64 }, (_, n) => `${n}-`.padEnd(1_000, 'x'));
    const buckets = new KeyBuckets<string>(100_000, 10_000);
    const seen: string[] = [];
    while (buckets.next()) {
      for (const key of long) buckets.itemOf(key, () => key);
      expect(buckets.items.size).toBeLessThanOrEqual(5);
      seen.push(...buckets.items.keys());
    }
    expect(seen.sort()).toEqual(long.sort());
    const one = new KeyBuckets<string>(10, 10);
    one.next();
    expect(one.itemOf('a key of more than ten bytes', () => 'kept')).toBe('kept');
  });

  it('has every key in exactly one of several passes, never more than the limit at once', () => {
    const passes = passesOver(keys(5_000), 300);
    expect(passes.flat().sort()).toEqual(keys(5_000).sort());
    expect(passes.length).toBeGreaterThan(5_000 / 300);
    expect(passes.length).toBeLessThan((5_000 / 300) * 4);
  });
});
