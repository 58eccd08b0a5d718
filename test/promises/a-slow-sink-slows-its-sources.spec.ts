/** Promise 4: the API slows its callers down before anything fills up; single records go first. */
import { jest } from '@jest/globals';
import type { JobView, Page, Problem, WorkerView } from '@orderstream/contracts';
import { attachStack } from '@orderstream/stack';
import {
  ApiClient,
  countsClose,
  duringOutage,
  eventually,
  KafkaTopics,
  numberedOrder,
  ORDER_HEADER,
  orderLine,
  ordersCsv,
  Sandbox,
  SlowUpload,
  startRun,
  stopwatch,
} from '@orderstream/testing';

jest.setTimeout(240_000);

const MAX_LAG_ROWS = 5_000;
const RATE = 4_000;
/** Sources are held from 80 % of the bound on; Kafka may take half a second of the run to acknowledge it. */
const MOST_LAG = 0.8 * MAX_LAG_ROWS + 0.5 * RATE;
/** An upload that is held has published no more than one piece of its body. */
const PIECE_ROWS = 1_000;
const RUN_ROWS = 30_000;
const UPLOAD_ROWS = 20_000;

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

  /** What waits for the sink, as Kafka has it. */
  const lag = (): Promise<number> => KafkaTopics.on(world.options.brokers).lag(world.id, world.topic('orders'));

  /** The most that waits while so many ms go by. */
  async function mostLagFor(ms: number): Promise<number> {
    const since = stopwatch();
    let most = 0;
    const look = async () => {
      most = Math.max(most, await lag());
      return since.elapsedMs() >= ms;
    };
    await eventually(look, { timeoutMs: 10 * ms, everyMs: 100, what: `${ms} ms of looks` });
    return most;
  }

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

  let run: JobView;
  let upload: SlowUpload;

  it('holds a run by what was published, also while nobody can say how far behind it is', async () => {
    upload = new SlowUpload(world.api.url, '?wait=stored&timeout=60s');
    await upload.send(`${ORDER_HEADER}\n${orderLine(0, {}, 'held')}\n`);
    run = await startRun(api, `rate=${RATE}&count=${RUN_ROWS}&seed=flow`);
    const { cassandra } = await attachStack(process.env['TEST_STACK_DIR']!);
    // Each look asks for the workers first, and waits 5 s for a Cassandra that hangs.
    const most = await duringOutage(cassandra!, 'SIGSTOP', async () => {
      await heldBack();
      return mostLagFor(3_000);
    });
    expect(most).toBeGreaterThan(0.7 * MAX_LAG_ROWS);
    expect(most).toBeLessThan(MOST_LAG);
  });

  it('holds an upload under way too', async () => {
    await heldBack();
    const lines = Array.from({ length: UPLOAD_ROWS - 1 }, (_, i) => `${orderLine(i + 1, {}, 'held')}\n`);
    void upload.send(lines.join(''));
    expect(await mostLagFor(2_000)).toBeLessThan(MOST_LAG + PIECE_ROWS);
  });

  it('refuses new uploads, takes single records at once, and lets all go on when it is back', async () => {
    const refused = await api.post<Problem>(ordersCsv(0, 10, 'late'));
    expect([refused.status, refused.body.code]).toEqual([429, 'lag_too_high']);
    const retryAfter = Number(refused.headers.get('retry-after'));
    expect(retryAfter).toBeGreaterThanOrEqual(1);
    expect(retryAfter).toBeLessThanOrEqual(60);

    const since = stopwatch();
    const single = await api.post(JSON.stringify(numberedOrder(1, {}, 'single')), '', 'application/json');
    expect(single.status).toBe(202);
    expect(since.elapsedMs()).toBeLessThan(1_000);

    await world.sink.start();
    const uploaded = (await upload.end<JobView>()).body;
    for (const [id, rows] of [
      [run.id, RUN_ROWS],
      [uploaded.id, UPLOAD_ROWS],
    ] as const) {
      const settled = await api.settled(id);
      countsClose(settled);
      expect(settled.counts).toMatchObject({ received: rows, stored: rows, rejected: 0 });
    }
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
