/** Promise 5 on more than one process: whoever is asked says the same of a job, and what it said stays true. */
import { jest } from '@jest/globals';
import type { JobView, Page, Problem } from '@orderstream/contracts';
import {
  ApiClient,
  countsClose,
  eventually,
  ORDER_HEADER,
  orderLine,
  ordersCsv,
  Sandbox,
  SlowUpload,
  type AppProcess,
} from '@orderstream/testing';

jest.setTimeout(240_000);

const linesOf = (from: number, to: number, prefix: string): string =>
  Array.from({ length: to - from }, (_, i) => `${orderLine(from + i, {}, prefix)}\n`).join('');

describe('a job', () => {
  let world: Sandbox;
  let api: ApiClient;
  let other: AppProcess;
  let beside: ApiClient;

  beforeAll(async () => {
    world = await (await Sandbox.forTests({ PUBLISH_BATCH_ROWS: '50' })).start();
    other = await world.another('ingest-api');
    await other.start();
    [api, beside] = [new ApiClient(world.api.url), new ApiClient(other.url)];
  });
  afterAll(async () => {
    await other?.stop();
    await world?.close();
  });

  const jobOf = (key: string): Promise<JobView> =>
    eventually(async () => (await beside.get<Page<JobView>>(`/jobs?key=${key}`)).body.items[0], {
      timeoutMs: 10_000,
      what: `the job of ${key}`,
    });

  /** Looks through both processes until it is over; each view must close, and nothing may become less. */
  async function watch(id: string, isOver: () => boolean): Promise<number> {
    const most = { accepted: 0, stored: 0 };
    let looks = 0;
    while (!isOver()) {
      for (const client of [beside, api]) {
        const view = await client.job(id);
        countsClose(view);
        expect(view.counts.pending).toBeGreaterThanOrEqual(0);
        expect(view.counts.stored).toBeGreaterThanOrEqual(most.stored);
        expect(view.counts.accepted).toBeGreaterThanOrEqual(most.accepted);
        Object.assign(most, { accepted: view.counts.accepted, stored: view.counts.stored });
        looks++;
      }
    }
    return looks;
  }

  it('that is being received has counts that close and never become less, asked here or there', async () => {
    const upload = new SlowUpload(world.api.url, '?wait=stored&timeout=2m', { 'idempotency-key': 'two' });
    await upload.send(`${ORDER_HEADER}\n`);
    const sending = (async () => {
      for (let piece = 0; piece < 30; piece++) {
        await upload.send(linesOf(piece * 1_000, (piece + 1) * 1_000, 'two'));
        await eventually(async () => (await fetch(`${api.url}/health/live`)).ok, { everyMs: 200 });
      }
      return upload.end<JobView>();
    })();
    let answer: JobView | undefined;
    void sending.then(({ body }) => (answer = body));
    const { id } = await jobOf('two');
    expect(await watch(id, () => answer !== undefined)).toBeGreaterThan(20);
    await sending;
    expect(answer!.counts).toMatchObject({ received: 30_000, stored: 30_000, pending: 0 });
  });

  it('whose process is killed has not fewer accepted rows than it was said to have, and says what became of it', async () => {
    const upload = new SlowUpload(world.api.url, '', { 'idempotency-key': 'kill' });
    await upload.send(`${ORDER_HEADER}\n${linesOf(0, 4_000, 'kill')}`);
    const { id } = await jobOf('kill');
    const seen = await eventually(
      async () => {
        const { counts } = await api.job(id);
        return counts.accepted > 0 && counts;
      },
      { timeoutMs: 10_000, what: 'accepted rows' },
    );
    await upload.send(linesOf(4_000, 8_000, 'kill'));
    const last = (await api.job(id)).counts;
    await world.api.kill();
    const isTold = async () => (await beside.job(id)).state === 'interrupted';
    await eventually(isTold, { timeoutMs: 6_000, everyMs: 100, what: 'an orphan that is called interrupted' });
    upload.abort();
    const job = await beside.settled(id);
    expect(job.counts.accepted).toBeGreaterThanOrEqual(Math.max(seen.accepted, last.accepted));
    expect(job).toMatchObject({ state: 'interrupted', failure: { code: 'process_lost' } });
    countsClose(job);
    await world.api.start();
  });

  it('that failed says why, and on which line', async () => {
    const rows = [0, 1, 2, 3, 4].map((n) => orderLine(n, n === 2 ? { price: 'x' } : {}, 'why'));
    const { body } = await api.post<Problem & { job: JobView }>(
      `${ORDER_HEADER}\n${rows.join('\n')}\n`,
      '?maxRejects=0',
    );
    expect(body.job).toMatchObject({ state: 'failed', failure: { code: 'too_many_rejects', line: 4 } });
    const settled = await beside.settled(body.job.id);
    expect(settled.failure).toEqual(body.job.failure);
    expect(settled.failure!.detail).toContain('maxRejects is 0');
  });

  it('that was cancelled or broken off says so; one that ended well has no failure', async () => {
    const upload = new SlowUpload(world.api.url, '', { 'idempotency-key': 'told' });
    await upload.send(`${ORDER_HEADER}\n${linesOf(0, 500, 'told')}`);
    const { id } = await jobOf('told');
    await fetch(`${beside.url}/jobs/${id}`, { method: 'DELETE' });
    upload.abort();
    expect((await beside.settled(id)).failure).toMatchObject({ code: 'job_cancelled' });

    const gone = new SlowUpload(world.api.url, '', { 'idempotency-key': 'gone' });
    await gone.send(`${ORDER_HEADER}\n${linesOf(0, 500, 'gone')}`);
    const broken = await jobOf('gone');
    gone.abort();
    const ended = await eventually(async () => (await beside.job(broken.id)).failure ?? undefined, {
      timeoutMs: 10_000,
    });
    expect(ended.code).toBe('bad_request');
    const whole = ordersCsv(0, 600, 'gone');
    const again = async () => {
      const answer = await api.post<JobView>(whole, '?wait=stored', 'text/csv', { 'idempotency-key': 'gone' });
      return answer.status === 409 ? undefined : answer.body;
    };
    expect(await eventually(again, { timeoutMs: 10_000 })).toMatchObject({ state: 'stored', failure: null });
  });

  it('that is watched or waited for does not keep its process from ending when it is told to', async () => {
    await world.sink.stop();
    const job = await api.upload(ordersCsv(0, 10, 'end'));
    const events = await fetch(`${other.url}/jobs/${job.id}/events`);
    const reading = events.text();
    const waiting = fetch(`${other.url}/ingest?wait=stored&timeout=2m`, {
      method: 'POST',
      body: ordersCsv(0, 10, 'wait'),
      headers: { 'content-type': 'text/csv', 'idempotency-key': 'wait' },
    });
    await eventually(async () => (await jobOf('wait')).state === 'published', { timeoutMs: 10_000 });
    await other.stop();
    expect(other.exitCode).toBe(0); // within the time it has to end, far less than what is waited for
    expect(await reading).toContain('event: progress');
    expect(((await (await waiting).json()) as JobView).counts.accepted).toBe(10);
  });
});
