/** Promise 4: the API slows its callers down before anything fills up; single records go first. */
import { jest } from '@jest/globals';
import type { JobView, Page, Problem, WorkerView } from '@orderstream/contracts';
import {
  ApiClient,
  countsClose,
  eventually,
  KafkaTopics,
  numberedOrder,
  orderLine,
  ordersCsv,
  Sandbox,
  SlowUpload,
  startRun,
  stopwatch,
} from '@orderstream/testing';

jest.setTimeout(240_000);

const MAX_LAG_ROWS = 5_000;
/** Sources are held from 80 % of the bound on. */
const HOLD_ROWS = 0.8 * MAX_LAG_ROWS;
/** An upload that is held has published no more than one piece of its body, 64 KiB. */
const PIECE_ROWS = 1_000;
/** A run looks whether it may go on after so many rows. */
const STEP_ROWS = 2_000;
const RUN_ROWS = 30_000;
const UPLOAD_ROWS = 20_000;
/** So many of them are sent before anything is held, so that the upload is taken. */
const FIRST_ROWS = 2_000;

describe('a sink that is behind', () => {
  let world: Sandbox;
  let api: ApiClient;

  beforeAll(async () => {
    const settings = {
      MAX_LAG_ROWS: String(MAX_LAG_ROWS),
      MAX_LAG_SECONDS: '1h',
      PUBLISH_BATCH_ROWS: '200',
      MIN_UPLOAD_RATE: '0',
    };
    world = await Sandbox.forTests(settings);
    await world.start();
    api = new ApiClient(world.api.url);
    await world.sink.stop();
  });
  afterAll(() => world?.close());

  /** What waits for the sink, as Kafka has it. */
  const lag = (): Promise<number> => KafkaTopics.on(world.options.brokers).lag(world.id, world.topic('orders'));

  const metric = (text: string, name: string): number =>
    Number(new RegExp(`^${name}\\S* (\\S+)$`, 'm').exec(text)?.[1] ?? NaN);

  /** The metrics as they were when the sources were seen to be held. */
  const heldBack = (): Promise<unknown> =>
    eventually(
      async () => {
        const text = await (await fetch(`${api.url}/metrics`)).text();
        return metric(text, 'orderstream_sources_held') === 1 && text;
      },
      { timeoutMs: 20_000, everyMs: 100, what: 'the sources held back' },
    );

  /** The lag once it has not changed for `ms`: what was under way has arrived, and nothing more comes. */
  function lagAtRest(ms: number): Promise<number> {
    let [last, since] = [NaN, stopwatch()];
    const look = async () => {
      const now = await lag();
      if (now !== last) [last, since] = [now, stopwatch()];
      return since.elapsedMs() >= ms && now;
    };
    return eventually(look, { timeoutMs: 30_000, everyMs: 100, what: 'a lag that does not change' });
  }

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

  it('holds a run by what it has sent, before anybody has looked how far behind the sink is', async () => {
    upload = new SlowUpload(world.api.url, '?wait=stored&timeout=60s', { 'idempotency-key': 'held' });
    await upload.send(ordersCsv(0, FIRST_ROWS, 'held'));
    const taken = async () => (await api.get<Page<JobView>>('/jobs?key=held')).body.items.length === 1;
    await eventually(taken, { what: 'the job of the upload' });
    // Between two looks, half a second apart, it would send twice the bound.
    run = await startRun(api, `rate=20000&count=${RUN_ROWS}&seed=flow`);
    await heldBack();
    const waiting = await lagAtRest(2_000);
    expect(waiting).toBeGreaterThanOrEqual(HOLD_ROWS - STEP_ROWS);
    expect(waiting).toBeLessThanOrEqual(HOLD_ROWS + STEP_ROWS);
  });

  it('holds an upload under way too', async () => {
    const before = await lagAtRest(500);
    const lines = Array.from(
      { length: UPLOAD_ROWS - FIRST_ROWS },
      (_, i) => `${orderLine(FIRST_ROWS + i, {}, 'held')}\n`,
    );
    void upload.send(lines.join(''));
    expect((await lagAtRest(2_000)) - before).toBeLessThan(PIECE_ROWS);
  });

  it('refuses new uploads, takes single records at once, and lets all go on when it is back', async () => {
    const refused = await api.post<Problem>(ordersCsv(0, 10, 'late'));
    expect([refused.status, refused.body.code]).toEqual([429, 'lag_too_high']);
    const retryAfter = Number(refused.headers.get('retry-after'));
    expect(retryAfter).toBeGreaterThanOrEqual(1);
    expect(retryAfter).toBeLessThanOrEqual(60);

    const single = await api.post(JSON.stringify(numberedOrder(1, {}, 'single')), '', 'application/json');
    expect(single.status).toBe(202);
    await heldBack(); // still

    await world.sink.start();
    const { status, body: uploaded } = await upload.end<JobView>();
    expect([200, 202]).toContain(status);
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
