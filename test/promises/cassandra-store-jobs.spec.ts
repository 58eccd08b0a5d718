import { randomUUID } from 'node:crypto';
import {
  IdempotencyKeyRepository,
  JobList,
  JobRepository,
  LeaseRepository,
  parseJobCursor,
  WorkerRepository,
} from '@orderstream/cassandra';
import { migratedKeyspace, until } from './cassandra-store.keyspaces.js';

const keyspaces = migratedKeyspace();

describe('a job', () => {
  const newJob = (createdAtMs: number) => ({
    id: randomUUID(),
    kind: 'upload' as const,
    stream: 'orders',
    sourceName: 'orders.csv',
    writeTimeBase: 1_700_000_000_000_000n,
    createdAtMs,
    idempotencyKey: 'k',
    options: '{}',
  });
  const segment = (seq: number, count: number) => ({
    seq,
    topic: 'orders',
    partition: 1,
    base: '9007199254740993',
    count,
    firstRow: 2,
    lastRow: 1 + count,
    attempt: 1,
  });

  it('comes back as it was written, with its segments, by whoever asks', async () => {
    const jobs = new JobRepository(keyspaces.session);
    const job = newJob(Date.now());
    expect(await jobs.find(job.id)).toBeUndefined();
    const created = await jobs.create(job);
    expect(await jobs.find(job.id)).toMatchObject({
      ...job,
      state: 'receiving',
      received: 0,
      stored: null,
      revision: created,
    });
    expect(await jobs.segments(job.id)).toEqual([]);
    const change = {
      state: 'published' as const,
      sourceBytes: 172_163,
      sourceSha256: 'ab',
      received: 1_000,
      accepted: 970,
      published: 970,
      rejectedAtDoor: 30,
      stored: 963,
      rejectedInSink: 7,
      rejectedByCode: { missing_value: 13, bad_int: 1 },
      warnings: ['w'],
      checkpoint: '{"lowWaterRow":5}',
      failure: 'why',
      publishedAtMs: 1_700_000_000_001,
      settledAtMs: 1_700_000_000_002,
    };
    const first = await jobs.update({ ...job, state: 'receiving', revision: created }, change, [
      segment(0, 317),
      segment(1, 5),
    ]);
    const read = await new JobRepository(keyspaces.session).find(job.id);
    expect(read).toEqual({ ...job, expected: undefined, ...change, revision: first });
    expect(await jobs.segments(job.id)).toEqual([segment(0, 317), segment(1, 5)]);
    const second = await jobs.update(read!, { stored: null, rejectedInSink: null, settledAtMs: null }, [segment(1, 6)]);
    expect(await jobs.find(job.id)).toEqual({
      ...read,
      stored: null,
      rejectedInSink: null,
      settledAtMs: null,
      revision: second,
    });
    expect(await jobs.segments(job.id)).toEqual([segment(0, 317), segment(1, 6)]);
  });

  it('taken over by a process whose clock is behind is changed all the same', async () => {
    const job = newJob(Date.now());
    const ahead = BigInt(Date.now() + 3_600_000) * 1_000n;
    const created = await new JobRepository(keyspaces.session, () => ahead).create(job);
    const jobs = new JobRepository(keyspaces.session);
    const revision = await jobs.update({ ...job, state: 'receiving', revision: created }, { state: 'interrupted' });
    expect(revision).toBe(ahead + 1n);
    expect((await jobs.find(job.id))?.state).toBe('interrupted');
  });

  it('is listed newest first, over days, page by page', async () => {
    const jobs = new JobRepository(keyspaces.session);
    const list = new JobList(keyspaces.session, jobs);
    const base = Date.parse('2031-05-05T12:00:00Z');
    const made = [0, 1, 1, 2, 90_000_000, 180_000_000, 9_000_000_000].map((after) => newJob(base + after));
    for (const job of made) await jobs.create(job);
    const ours: ReadonlySet<string> = new Set(made.map(({ id }) => id));
    const ids: string[] = [];
    let after: ReturnType<typeof parseJobCursor>;
    do {
      const page = await list.page({ limit: 2, after, matches: ({ id }) => ours.has(id) });
      expect(page.items.length).toBeLessThanOrEqual(2);
      ids.push(...page.items.map(({ id }) => id));
      after = page.next === null ? undefined : parseJobCursor(page.next);
    } while (after);
    const times = new Map<string, number>(made.map(({ id, createdAtMs }) => [id, createdAtMs]));
    expect(ids.map((id) => times.get(id))).toEqual([...times.values()].sort((a, b) => b - a));
    expect(new Set(ids).size).toBe(made.length);
  });

  it("is run by one owner at a time, and nobody's when its owner is gone", async () => {
    const leases = new LeaseRepository(keyspaces.session);
    const id = randomUUID();
    const taken = await Promise.all(['a', 'b', 'c'].map((owner) => leases.take(id, owner)));
    expect(taken.filter(Boolean)).toHaveLength(1);
    const owner = ['a', 'b', 'c'][taken.indexOf(true)]!;
    expect(await leases.keep(id, 'd')).toBe(false);
    expect(await leases.keep(id, owner)).toBe(true);

    const short = new LeaseRepository(keyspaces.session, 1);
    const left = randomUUID();
    expect(await short.take(left, 'gone')).toBe(true);
    await until(async () => (await leases.ownerOf(left)) === undefined);
    expect(await leases.keep(left, 'gone')).toBe(false);
    expect(await leases.take(left, 'd')).toBe(true);
    await leases.release(left, 'd');
    expect(await leases.ownerOf(left)).toBeUndefined();
  });

  it('is settled by one at a time, whom a resume waits for and who does not count as running it', async () => {
    const leases = new LeaseRepository(keyspaces.session);
    const id = randomUUID();
    let end!: () => void;
    const settling = leases.settling(id, () => new Promise<string>((resolve) => (end = () => resolve('settled'))));
    await until(() => Promise.resolve(end !== undefined));
    expect(await leases.ownerOf(id)).toBeUndefined();
    expect(await leases.settling(id, () => Promise.resolve('twice'))).toBeUndefined();
    let isTaken = false;
    const taking = leases.take(id, 'resume').then((taken) => (isTaken = taken));
    await leases.ownerOf(id);
    expect(isTaken).toBe(false);
    end();
    expect([await settling, await taking]).toEqual(['settled', true]);
    expect(await leases.settling(id, () => Promise.resolve('while it runs'))).toBeUndefined();
    await leases.release(id, 'resume');
  });

  it('is read with the segments of the same moment, while it is being written', async () => {
    const jobs = new JobRepository(keyspaces.session);
    const job = newJob(Date.now());
    let revision = await jobs.create(job);
    expect(await jobs.read(randomUUID())).toBeUndefined();
    let isWritten = false;
    let [reads, changed] = [0, 0];
    const writing = (async () => {
      for (let n = 1; n <= 150; n++) {
        const state = 'receiving' as const;
        revision = await jobs.update({ id: job.id, revision, state }, { published: n * 5 }, [segment(n, 5)]);
        // A read needs a moment without a write, however quick the writes are.
        const before = reads;
        if (n % 30 === 0) await until(() => Promise.resolve(reads > before));
      }
      isWritten = true;
    })();
    for (let last = -1; !isWritten; reads++) {
      const read = (await jobs.read(job.id))!;
      expect(read.segments.reduce((sum, { count }) => sum + count, 0)).toBe(read.job.published);
      if (read.job.published !== last) changed++;
      last = read.job.published;
    }
    await writing;
    expect(reads).toBeGreaterThan(2);
    expect(changed).toBeGreaterThan(1);
    expect((await jobs.read(job.id))!.segments).toHaveLength(150);
  });

  it('that is hard to find costs a page no more than its bound, and is found on a page behind', async () => {
    const jobs = new JobRepository(keyspaces.session);
    const base = Date.parse('2040-05-05T12:00:00Z');
    const made = Array.from({ length: 70 }, (_, n) => newJob(base + n));
    await Promise.all(made.map((job) => jobs.create(job)));
    let lookedAt = 0;
    const matches = ({ id }: { id: string }) => (lookedAt++, id === made[5]!.id);
    const list = new JobList(keyspaces.session, jobs, 40);
    const after = parseJobCursor(`${base + 1_000}_ffffffff-ffff-ffff-ffff-ffffffffffff`);
    const first = await list.page({ limit: 10, after, from: base, matches });
    expect([first.items, lookedAt]).toEqual([[], 40]);
    const second = await list.page({ limit: 10, after: parseJobCursor(first.next!), from: base, matches });
    expect([second.items.map(({ id }) => id), second.next, lookedAt]).toEqual([[made[5]!.id], null, 70]);
  });

  it('is the only one of its idempotency key', async () => {
    const keys = new IdempotencyKeyRepository(keyspaces.session);
    const key = randomUUID();
    const claims = ['1', '2'].map((options) => ({ jobId: randomUUID(), stream: 'orders', options }));
    const found = await Promise.all(claims.map((claim) => keys.claim(key, claim)));
    const winner = claims[found.indexOf(undefined)]!;
    expect(found.filter(Boolean)).toEqual([winner]);
    expect(await keys.claim(key, winner)).toBeUndefined();
    expect(await keys.complete(key, winner, 'sha')).toBe(true);
    expect(await keys.find(key)).toEqual({ ...winner, sha256: 'sha' });
    await keys.release(key, winner.jobId);
    expect(await keys.find(key)).toBeUndefined();
  });
});

describe('a worker', () => {
  it('is listed while it says that it lives', async () => {
    const workers = new WorkerRepository(keyspaces.session);
    await workers.put({ id: 'a', address: 'h:1', status: '{"x":1}' });
    await workers.put({ id: 'b', address: 'h:2', status: '{}' });
    expect(await workers.list()).toEqual([
      { id: 'a', address: 'h:1', status: '{"x":1}' },
      { id: 'b', address: 'h:2', status: '{}' },
    ]);
    await workers.remove('a');
    expect(await workers.list()).toMatchObject([{ id: 'b' }]);
    await new WorkerRepository(keyspaces.session, 1).put({ id: 'c', address: 'h:3', status: '{}' });
    await until(async () => (await workers.list()).every(({ id }) => id !== 'c'));
    expect(await workers.list()).toMatchObject([{ id: 'b' }]);
    await workers.remove('b');
  });
});
