/** Promise 4: the API slows its callers down before anything fills up; single records go first. */
import { jest } from '@jest/globals';
import type { JobView, Page, Problem, WorkerView } from '@orderstream/contracts';
import { ApiClient, countsClose, eventually, numberedOrder, ordersCsv, Sandbox, stopwatch } from '@orderstream/testing';

jest.setTimeout(240_000);

const MAX_LAG_ROWS = 5_000;
/** Sends under way when the hold begins: 2 per partition of 1,000 rows, and what arrives between two looks. */
const UNDER_WAY = 6 * 1_000;

describe('a sink that is behind', () => {
  let world: Sandbox;
  let api: ApiClient;

  beforeAll(async () => {
    const settings = { MAX_LAG_ROWS: String(MAX_LAG_ROWS), MAX_LAG_SECONDS: '1h', PUBLISH_BATCH_ROWS: '200' };
    world = await Sandbox.forTests(settings);
    await world.start();
    api = new ApiClient(world.api.url);
    await world.sink.stop();
  });
  afterAll(() => world?.close());

  const heldBack = (): Promise<true> =>
    eventually(
      async () =>
        /^orderstream_sources_held\S* 1$/m.test(await (await fetch(`${api.url}/metrics`)).text()) || undefined,
      { timeoutMs: 20_000, everyMs: 100, what: 'the sources held back' },
    );

  it('is listed with what it does while it lives, and is off the list once it has ended', async () => {
    const workers = async () => (await api.get<Page<WorkerView>>('/workers')).body.items;
    expect(await workers()).toEqual([]); // stopped above
    await world.sink.start();
    const [worker] = await eventually(
      async () => {
        const list = await workers();
        return Object.keys(list[0]?.assignment ?? {}).length > 0 ? list : undefined;
      },
      { timeoutMs: 20_000, what: 'the worker in its group' },
    );
    expect(worker).toMatchObject({ address: new URL(world.sink.url).host, stopped: [], rejected: 0 });
    expect(worker!.assignment[world.topic('orders')]).toEqual([0, 1, 2]);
    await world.sink.stop();
    expect(await workers()).toEqual([]);
  });

  it('holds a run and refuses new uploads, takes single records at once, and lets all go on when it is back', async () => {
    const started = await fetch(`${api.url}/generate?rate=5000&count=30000&seed=flow`);
    const run = (await started.json()) as JobView;
    await heldBack();

    const refused = await api.post<Problem>(ordersCsv(0, 10, 'late'));
    expect([refused.status, refused.body.code]).toEqual([429, 'lag_too_high']);
    const retryAfter = Number(refused.headers.get('retry-after'));
    expect(retryAfter).toBeGreaterThanOrEqual(1);
    expect(retryAfter).toBeLessThanOrEqual(60);

    const since = stopwatch();
    const single = await api.post(JSON.stringify(numberedOrder(1, {}, 'single')), '', 'application/json');
    expect(single.status).toBe(202);
    expect(since.elapsedMs()).toBeLessThan(1_000);

    const { counts } = await api.job(run.id);
    expect(counts.published).toBeLessThan(MAX_LAG_ROWS + UNDER_WAY);

    await world.sink.start();
    const settled = await api.settled(run.id);
    countsClose(settled);
    expect(settled.counts).toMatchObject({ received: 30_000, stored: 30_000, rejected: 0 });
    expect((await api.get('/orders/single-1')).status).toBe(200);
    const after = await eventually(
      async () => {
        const answer = await api.post<JobView>(ordersCsv(0, 10, 'late'), '?wait=stored');
        return answer.status === 429 ? undefined : answer;
      },
      { timeoutMs: 20_000, what: 'uploads taken again' },
    );
    expect(after.status).toBe(200);
  });
});
