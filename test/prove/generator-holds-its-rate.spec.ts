import { performance } from 'node:perf_hooks';
import type { JobView } from '@orderstream/contracts';
import { wait } from '@orderstream/resilience';
import { ApiClient, eventually, Sandbox, writeProof } from '@orderstream/testing';

const WINDOW_MS = 10_000;
const WINDOWS = 5;
/** how many rates are measured: the proof is of all of them, or is not written */
const RATES = 5;
const SECONDS = (WINDOWS * WINDOW_MS) / 1000;
/** the first two windows are for warming up */
const SKIPPED = 2;

/** Nothing drains the topics here, and the API is not to be held back by that. */
const NO_SINK = { MAX_LAG_SECONDS: '24h', MAX_LAG_ROWS: '2000000000' };

describe('the generator holds its rate, measured at the acknowledgements of Kafka', () => {
  let world: Sandbox;
  let api: ApiClient;
  const figures: Record<string, unknown> = {};

  beforeAll(async () => {
    world = await Sandbox.forTests(NO_SINK);
    await world.api.start(); // the sink is not what is measured, and would share the two cores
    api = new ApiClient(world.api.url);
  }, 120_000);
  afterAll(async () => {
    if (Object.keys(figures).length === RATES) writeProof('generator-rate', figures);
    await world?.close();
  });

  it.each([{ rates: [1, 50, 1000] }, { rates: [5000] }, { rates: [20_000] }])(
    '$rates records a second, within 2 % or one record in every 10 s window after the first two, and exactly the total',
    async ({ rates }) => {
      await Promise.all(rates.map(holdsRate));
    },
    600_000,
  );

  async function holdsRate(rate: number): Promise<void> {
    const { body: run } = await api.get<JobView>(`/generate?rate=${rate}&duration=${SECONDS}s`);
    const perSecond = await ratesPerWindow(run.id);
    const ended = await eventually(async () => endedOf(await api.job(run.id)), { timeoutMs: 60_000 });
    expect(ended.counts).toMatchObject({ received: rate * SECONDS, published: rate * SECONDS, rejected: 0 });
    const allowed = Math.max(rate * 0.02, 1000 / WINDOW_MS);
    for (const measured of perSecond.slice(SKIPPED)) {
      expect(Math.abs(measured - rate)).toBeLessThanOrEqual(allowed + 0.01);
    }
    figures[`rate ${rate}`] = { recordsPerSecondByWindow: perSecond, published: ended.counts.published };
  }

  const endedOf = (job: JobView): JobView | undefined => (job.state === 'receiving' ? undefined : job);

  /** Acknowledged records per second, by window. The windows are cut where the samples fell, so a late one costs nothing. */
  async function ratesPerWindow(id: string): Promise<number[]> {
    const rates: number[] = [];
    const startedAt = performance.now();
    let before = await sample(id);
    for (let window = 1; window < WINDOWS; window++) {
      await wait(startedAt + window * WINDOW_MS - performance.now());
      const now = await sample(id);
      rates.push(((now.published - before.published) * 1000) / (now.atMs - before.atMs));
      before = now;
    }
    return rates.map((each) => Math.round(each * 100) / 100);
  }

  async function sample(id: string): Promise<{ published: number; atMs: number }> {
    // A running job is counted when the question comes in; the answer may take longer, for it asks what was stored.
    const atMs = performance.now();
    const { counts } = await api.job(id);
    return { published: counts.published, atMs };
  }
});
