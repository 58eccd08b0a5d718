import type { JobQuery, StoredJob } from '@orderstream/cassandra';
import { OpenJobs } from './open-jobs.js';

const KEYED = { idempotencyKey: 'k', kind: 'upload', stream: 'orders', state: 'receiving' } as const;
const job = (base: bigint, about: object = {}, agoMs = 0) =>
  ({
    id: `j${base}`,
    writeTimeBase: base,
    revision: BigInt(Date.now() - agoMs) * 1000n,
    ...KEYED,
    ...about,
  }) as StoredJob;
const DAY_MS = 86_400_000;

async function oldestOf(jobs: readonly StoredJob[], leased: readonly string[] = []): Promise<bigint | undefined> {
  const list = {
    page: async ({ matches }: JobQuery) => {
      const items: StoredJob[] = [];
      for (const each of jobs) if (await matches!(each)) items.push(each);
      return { items, next: null };
    },
  };
  const leases = { ownerOf: async (id: string) => (leased.includes(id) ? 'someone' : undefined) };
  return new OpenJobs(list, leases).oldestBase('orders');
}

describe('OpenJobs', () => {
  it('finds the oldest that is under way or can be gone on with', async () => {
    expect(await oldestOf([job(9n), job(5n, { state: 'interrupted' }), job(7n)])).toBe(5n);
    expect(await oldestOf([])).toBeUndefined();
  });

  it('passes over what publishes nothing more', async () => {
    const others = [
      job(1n, { state: 'published' }),
      job(2n, { state: 'stored' }),
      job(3n, { stream: 'users' }),
      job(4n, { kind: 'redrive' }),
      job(5n, { state: 'interrupted', idempotencyKey: undefined }),
      job(6n, { state: 'interrupted' }, 2 * DAY_MS),
    ];
    expect(await oldestOf(others)).toBeUndefined();
  });

  it('counts what somebody runs, however old it is and without a key', async () => {
    expect(await oldestOf([job(1n, { kind: 'run', idempotencyKey: undefined }, 2 * DAY_MS)], ['j1'])).toBe(1n);
  });
});
