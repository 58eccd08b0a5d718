/** Promises 3 and 5 at the door, against senders who mean harm or do it: whatever comes, the next file is taken. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { JobView, Problem } from '@orderstream/contracts';
import {
  ApiClient,
  countsClose,
  eventually,
  memoryMiB,
  ordersCsv,
  Sandbox,
  SlowUpload,
  StoreReader,
} from '@orderstream/testing';
import { BAD_ROWS, MAX_DECODED_MIB, REFUSED, THOUSAND_PARTS, THOUSAND_PARTS_TYPE } from './hostile-input.cases.js';

jest.setTimeout(120_000);

const MORE_MIB = 50;
const GOOD_ROWS = 10;
const WARM_ROWS = 20_000;
/** A thousand files may have a problem each. */
const MAX_PROBLEM_BYTES = 1024 * 1024;

describe('hostile input', () => {
  const temp = mkdtempSync(join(tmpdir(), 'hostile-'));
  let world: Sandbox;
  let api: ApiClient;
  let memoryBefore: number;
  let filesBefore: readonly string[];
  let files = 0;
  /** of all jobs and single records */
  let stored = 0;

  beforeAll(async () => {
    const limits = { MAX_DECODED_BYTES: `${MAX_DECODED_MIB}MiB`, UPLOAD_RATE_WINDOW: '1s' };
    world = await (await Sandbox.forTests({ ...limits, TMPDIR: temp })).start();
    api = new ApiClient(world.api.url);
    // The start is that of an API that works: its code compiled, its heap grown by an ordinary file.
    await api.settled((await api.upload(ordersCsv(0, WARM_ROWS, 'warm'))).id);
    stored += WARM_ROWS;
    await goodFile();
    memoryBefore = memoryMiB(world.api.pid);
    filesBefore = readdirSync(temp);
  });

  afterAll(async () => {
    await world?.close();
    rmSync(temp, { recursive: true });
  });

  afterEach(goodFile);

  async function goodFile(): Promise<void> {
    const job = await api.upload(ordersCsv(0, GOOD_ROWS, `good-${files++}`), '?wait=stored&timeout=30s');
    expect(job).toMatchObject({ state: 'stored', counts: { received: GOOD_ROWS, stored: GOOD_ROWS } });
    stored += GOOD_ROWS;
  }

  /** The job once it is settled, with counts that add up. */
  async function settled(id: string): Promise<JobView> {
    const job = await api.settled(id, 60_000);
    countsClose(job);
    expect(job.counts.received).toBe(job.counts.stored + job.counts.rejected);
    stored += job.counts.stored;
    return job;
  }

  it.each(REFUSED)('$is: $status $code', async ({ body, type, headers, status, code }) => {
    const answer = await api.post<Problem & { job?: JobView }>(body, '', type, headers);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect(JSON.stringify(answer.body).length).toBeLessThan(MAX_PROBLEM_BYTES);
    const jobs = [answer.body.job?.id, ...(answer.body.errors ?? []).map(({ job }) => job)];
    for (const id of jobs.filter((each) => each !== undefined)) {
      expect((await settled(id as string)).state).toBe('failed');
    }
  });

  it.each(BAD_ROWS)('$is: $code, and its neighbours are stored', async ({ body, type, code, warning }) => {
    const { id } = await api.upload(body, '', type);
    const job = await settled(id);
    const rejected = code === 'none' ? 0 : 1;
    expect(job).toMatchObject({ state: 'stored', counts: { received: 3, stored: 3 - rejected, rejected } });
    expect(job.rejectedByCode).toEqual(code === 'none' ? {} : { [code]: 1 });
    if (warning !== undefined) expect(job.warnings.join()).toContain(warning);
    expect(job.warnings.length).toBeLessThan(30);
  });

  it('multipart of a thousand parts: each has its answer, the one that is good is stored', async () => {
    const { status, body } = await api.post<{ items: JobView[] }>(THOUSAND_PARTS, '', THOUSAND_PARTS_TYPE);
    expect([status, body.items.length]).toEqual([202, 1_000]);
    expect(new Set(body.items.slice(0, -1).map((item) => (item as unknown as Problem).code))).toEqual(
      new Set(['unknown_header']),
    );
    expect((await settled(body.items.at(-1)!.id)).counts.stored).toBe(5);
  });

  it('a client that is gone in the middle: the job is interrupted, what came is stored', async () => {
    const upload = new SlowUpload(api.url, '', { 'idempotency-key': 'gone' });
    await upload.send(ordersCsv(0, 3_000, 'gone'));
    const { id } = await jobOf('gone');
    upload.abort();
    expect((await settled(id)).state).toBe('interrupted');
  });

  it('a client that is too slow: 408, the job is interrupted and goes on under its key', async () => {
    const key = { 'idempotency-key': 'slow' };
    const upload = new SlowUpload(api.url, '', key);
    await upload.send(ordersCsv(0, 2_500, 'slow'));
    const { status, body } = await upload.answer<Problem & { job: JobView }>();
    upload.abort();
    expect([status, body.code, body.job.state]).toEqual([408, 'upload_too_slow', 'interrupted']);
    const before = await api.settled(body.job.id);
    countsClose(before);
    expect(before.counts).toMatchObject({ accepted: 2_500, stored: 2_500 });
    const again = await api.post<JobView>(ordersCsv(0, 4_000, 'slow'), '', 'text/csv', key);
    expect([again.status, again.body.id, again.headers.get('idempotent-replayed')]).toEqual([202, before.id, 'true']);
    expect((await settled(before.id)).counts).toMatchObject({ received: 4_000, stored: 4_000, rejected: 0 });
  });

  it('a client that sends nothing at all: 408, and no job', async () => {
    const upload = new SlowUpload(api.url);
    await upload.send('o');
    const { status, body } = await upload.answer<Problem>();
    upload.abort();
    expect([status, body.code, body.job]).toEqual([408, 'upload_too_slow', undefined]);
  });

  it('a thousand requests at once: each is taken, or told to come back', async () => {
    const send = (_: unknown, i: number) => api.post<JobView & Problem>(ordersCsv(0, 3, `burst-${i}`));
    const answers = await Promise.all(Array.from({ length: 1_000 }, send));
    const taken = answers.filter(({ status }) => status === 202);
    const refused = answers.filter(({ status }) => status !== 202);
    const told = new Set(refused.map(({ status, body }) => `${status} ${body.code}`));
    // A process that has no time for its own probes says that the store does not answer.
    const allowed = new Set(['429 too_many_requests', '503 store_unavailable']);
    expect([...told].filter((each) => !allowed.has(each))).toEqual([]);
    expect(refused.every(({ headers }) => Number(headers.get('retry-after')) > 0)).toBe(true);
    expect(taken.length).toBeGreaterThan(0);
    const jobs = await Promise.all(taken.map(({ body }) => settled(body.id)));
    expect(jobs.every(({ counts }) => counts.stored === 3)).toBe(true);
  });

  it('at the end: the table has what the counts say, memory and temporary space are free again', async () => {
    const store = await StoreReader.connect(world.options.contactPoints, world.keyspace);
    try {
      expect((await store.rows('orders', 'order_id')).size).toBe(stored);
    } finally {
      await store.close();
    }
    const back = () => Promise.resolve(memoryMiB(world.api.pid) <= memoryBefore + MORE_MIB);
    await eventually(back, { timeoutMs: 30_000, everyMs: 500, what: `${memoryBefore} MiB and ${MORE_MIB} more` });
    expect(readdirSync(temp)).toEqual(filesBefore);
  });

  const jobOf = (key: string): Promise<JobView> =>
    eventually(
      async () =>
        (await api.get<{ items: JobView[] }>(`/jobs?key=${key}`)).body.items.find((job) => job.counts.published > 0),
      { what: `the job of ${key}` },
    );
});
