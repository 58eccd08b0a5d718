import { jest } from '@jest/globals';
import type { StatsAnswer, StatsRecount } from '@orderstream/contracts';
import { ApiClient, eventually, ordersCsv, Sandbox, StoreHand, writeProof } from '@orderstream/testing';

jest.setTimeout(1_800_000);

const ROWS = 1_000_000;
const FILE_ROWS = 100_000;
const CALLS = 400;
const MOST_MS = 20;
/** Of each question, before any is measured. */
const WARM_CALLS = 200;
/** The orders are a second apart, over twelve days. */
const DAY = 'from=2026-01-03T00:00:00Z&to=2026-01-04T00:00:00Z';
const ALL_DAYS = 'from=2026-01-01T00:00:00Z&to=2026-01-31T00:00:00Z';
const QUESTIONS = ['partition', 'category', 'hour', 'weekday'].flatMap((by) => [
  `by=${by}`,
  `by=${by}&kind=exact`,
  `by=${by}&${DAY}`,
]);

it('statistics of 1,000,000 rows are answered within 20 ms, 99 times of 100', async () => {
  const world = await (await Sandbox.forTests({ MAX_LAG_SECONDS: '1h', MAX_LAG_ROWS: '2000000' })).start();
  const api = new ApiClient(world.api.url);
  const hand = await StoreHand.connect(world.options.contactPoints, world.keyspace);
  try {
    for (let first = 0; first < ROWS; first += FILE_ROWS)
      await api.upload(ordersCsv(first, first + FILE_ROWS), '?wait=stored&timeout=10m');
    const { body: recount } = await api.command<StatsRecount>('/streams/orders/stats/recount', {});
    expect(recount.records).toBe(ROWS);

    const ask = async (query: string): Promise<{ ms: number; count: number }> => {
      const startedAt = performance.now();
      const { status, body } = await api.get<StatsAnswer>(`/streams/orders/stats?${query}`);
      const ms = performance.now() - startedAt;
      expect(status).toBe(200);
      return { ms, count: body.items.reduce((sum, item) => sum + item.count, 0) };
    };
    const questions = [...QUESTIONS, `by=hour&${ALL_DAYS}`];
    const percentiles = async (): Promise<Record<string, { p50: number; p99: number }>> => {
      for (const query of questions) for (let call = 0; call < WARM_CALLS; call++) await ask(query);
      const byQuestion: Record<string, { p50: number; p99: number }> = {};
      for (const query of questions) {
        const times: number[] = [];
        for (let call = 0; call < CALLS; call++) {
          const { ms, count } = await ask(query);
          expect(count).toBe(query.includes(DAY) ? 86_400 : ROWS);
          times.push(ms);
        }
        times.sort((a, b) => a - b);
        const at = (share: number): number => round(times[Math.ceil(CALLS * share) - 1]!);
        byQuestion[query] = { p50: at(0.5), p99: at(0.99) };
      }
      return byQuestion;
    };
    // Cassandra compacts what was loaded, with one of the two cores: told, and no part of the promise.
    const rightAfterLoad = await percentiles();
    const isAtRest = async () => (await hand.run('SELECT task_id FROM system_views.sstable_tasks')).length === 0;
    await eventually(isAtRest, { timeoutMs: 600_000, what: 'no compaction' });
    const ms = await percentiles();
    const recounted = { rows: recount.records, seconds: recount.seconds };
    writeProof('stats', { rows: ROWS, calls: CALLS, ms, rightAfterLoad, recount: recounted });
    for (const query of QUESTIONS) expect([query, ms[query]!.p99 < MOST_MS]).toEqual([query, true]);
  } finally {
    await Promise.all([hand.close(), world.close()]);
  }
});

const round = (ms: number): number => Math.round(ms * 10) / 10;
