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

  it('has every key in exactly one of several passes, never more than the limit at once', () => {
    const passes = passesOver(keys(5_000), 300);
    expect(passes.flat().sort()).toEqual(keys(5_000).sort());
    expect(passes.length).toBeGreaterThan(5_000 / 300);
    expect(passes.length).toBeLessThan((5_000 / 300) * 4);
  });
});
