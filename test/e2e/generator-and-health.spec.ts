import type { JobView, Page } from '@orderstream/contracts';
import { ApiClient, eventually, Sandbox } from '@orderstream/testing';

interface RunView extends JobView {
  readonly run: { readonly count: number; readonly seed: string; readonly runKey: string };
}

describe('generator, health and metrics', () => {
  let world: Sandbox;
  let api: ApiClient;

  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
    api = new ApiClient(world.api.url);
  }, 120_000);
  afterAll(() => world?.close());

  it('a run makes exactly rate × duration records, and the same GET meanwhile answers the same run', async () => {
    const address = '/generate?rate=40&duration=5s&seed=7';
    const first = await api.get<RunView>(address);
    const second = await api.get<RunView>(address);
    expect([first.status, second.status]).toEqual([202, 200]);
    expect(first.headers.get('cache-control')).toBe('no-store');
    expect(second.body.id).toBe(first.body.id);
    const settled = await api.settled(first.body.id);
    expect(settled).toMatchObject({
      kind: 'run',
      state: 'stored',
      counts: { received: 200, stored: 200, rejected: 0 },
    });
    const { status } = await api.get(`/orders/${first.body.run.runKey}-199`);
    expect(status).toBe(200);
  });

  it('a run that is stopped stores what it published', async () => {
    const { body: run } = await api.get<RunView>('/generate?rate=200&duration=60s');
    await eventually(async () => (await api.job(run.id)).counts.published > 20);
    const stop = await fetch(`${api.url}/generate/runs/${run.id}`, { method: 'DELETE' });
    expect(await stop.json()).toMatchObject({ state: 'cancelled' });
    const { counts } = await api.settled(run.id);
    expect(counts.stored).toBe(counts.accepted);
    expect(counts.accepted).toBeLessThan(12_000);
    const { body: runs } = await api.get<Page<JobView>>('/generate/runs');
    expect(runs.items.map(({ id }) => id)).toContain(run.id);
  });

  it('a HEAD starts nothing', async () => {
    const answer = await fetch(`${api.url}/generate?rate=50`, { method: 'HEAD' });
    expect(answer.status).toBe(404);
  });

  it('both applications answer their probes and their metrics', async () => {
    for (const { url } of [world.api, world.sink]) {
      for (const probe of ['/health', '/health/live', '/health/ready', '/health/startup']) {
        expect((await fetch(url + probe)).status).toBe(200);
      }
      const metrics = await (await fetch(`${url}/metrics`)).text();
      const names = metrics.split('\n').flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? []);
      expect(names.every((name) => name.startsWith('orderstream_'))).toBe(true);
      expect(names).toEqual(expect.arrayContaining(['orderstream_rows_stored_total', 'orderstream_lag_rows']));
    }
  });

  it('describes every endpoint, and the records of every stream', async () => {
    const description = await (await fetch(`${world.api.url}/docs-json`)).json();
    const { paths, components } = description as { paths: object; components: { schemas: object } };
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/ingest', '/generate', '/orders/{id}']));
    expect(components.schemas).toMatchObject({
      'orders.record': {
        required: expect.arrayContaining(['order_id', 'price']),
        properties: {
          quantity: { type: 'integer', description: 'at least 1' },
          total_amount: { type: 'string', format: 'decimal', readOnly: true },
        },
      },
      'transactions.record': { properties: { transaction_items: { type: 'array', items: { type: 'object' } } } },
      'users.record': {},
      'readings.record': { properties: { time: { format: 'date-time' } } },
      'olist-orders.record': {},
    });
  });
});
