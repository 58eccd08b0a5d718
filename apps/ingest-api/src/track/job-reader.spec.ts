import { jest } from '@jest/globals';
import type { JobView } from '@orderstream/contracts';
import type { JobList, JobSegment, LetterPosition, StoredJob } from '@orderstream/cassandra';
import { JobReader } from './job-reader.js';
import { JobStoreFixture } from './job-store.fixture.js';
import { Outcomes } from './outcomes.js';
import type { RunningJobs } from './running-jobs.js';

const ID = '00000000-0000-4000-8000-000000000000';
const segment = (seq: number, base: number, count: number): JobSegment => ({
  seq,
  topic: 'orders',
  partition: 0,
  base: String(base),
  count,
  firstRow: 0,
  lastRow: count,
  attempt: 1,
});

const ABOUT = { id: ID, kind: 'upload', stream: 'orders', sourceName: 't', writeTimeBase: 1n, createdAtMs: 0 } as const;
const NONE_RUNS = { find: () => undefined } as unknown as RunningJobs;
/** That of the n-th record of the job, of which 25 in a row are followed by 5 of others. */
const letterAt = (n: number): LetterPosition => {
  const offset = String(Math.floor(n / 25) * 30 + (n % 25));
  return {
    id: `orders-0-${offset}`,
    topic: 'orders',
    partition: 0,
    offset,
    code: 'bad_int',
    attempt: 1,
    state: 'open',
  };
};

/** A reader of which `beforeOutcome` says what happens between the look at the job and what the sink has done. */
async function rig(state: StoredJob['state'], beforeOutcome: (store: JobStoreFixture) => Promise<unknown>) {
  const store = new JobStoreFixture();
  const about = {
    id: ID,
    kind: 'upload',
    stream: 'orders',
    sourceName: 't',
    writeTimeBase: 1n,
    createdAtMs: 0,
  } as const;
  const revision = await store.jobs.create(about);
  await store.jobs.update({ id: ID, revision, state }, { accepted: 10, published: 10 }, [segment(0, 0, 10)]);
  let isFirst = true;
  const latest = async () => {
    if (isFirst) await beforeOutcome(store);
    isFirst = false;
    return new Map([['orders', new Map([[0, 1_000n]])]]);
  };
  const letters = { async *positionsOfJob() {}, async *positionsOf() {} };
  const outcomes = new Outcomes({ latest }, letters, { drainRateOf: () => 1 });
  return { store, reader: new JobReader({ ...store, list: {} as JobList }, NONE_RUNS, outcomes) };
}

describe('JobReader', () => {
  it.each(['published', 'interrupted', 'failed', 'receiving'] as const)(
    'settles a job that is %s once, when all its rows were passed',
    async (state) => {
      const { store, reader } = await rig(state, () => Promise.resolve());
      const views = await Promise.all([reader.view(ID), reader.view(ID), reader.view(ID)]);
      expect((await reader.view(ID)).counts).toMatchObject({ stored: 10, pending: 0 });
      expect(store.updates.filter(({ settledAtMs }) => settledAtMs)).toHaveLength(1);
      expect(views.every(({ counts }) => counts.stored === 10)).toBe(true);
    },
  );

  it.each(['published', 'interrupted', 'failed', 'receiving'] as const)(
    'does not settle from an older look at a job that was %s what has gone on since',
    async (state) => {
      const { store, reader } = await rig(state, async ({ jobs }) => {
        const job = (await jobs.find(ID))!;
        await jobs.update(job, { state: 'published', accepted: 15, published: 15 }, [segment(1, 2_000, 5)]);
      });
      expect((await reader.view(ID)).settledAt).toBeNull();
      expect(store.jobOf(ID)).toMatchObject({ state: 'published', published: 15, settledAtMs: null, stored: null });
    },
  );

  it('does not settle what another one resumes or repairs just now', async () => {
    const { store, reader } = await rig('interrupted', ({ leases }) => leases.take(ID, 'another'));
    expect((await reader.view(ID)).settledAt).toBeNull();
    expect(store.jobOf(ID)).toMatchObject({ settledAtMs: null });
    await store.leases.release(ID, 'another');
    expect((await reader.view(ID)).settledAt).not.toBeNull();
  });

  it('says of an orphan that its process is gone', async () => {
    const { reader } = await rig('receiving', () => Promise.resolve());
    expect(await reader.view(ID)).toMatchObject({ state: 'interrupted', failure: { code: 'process_lost' } });
  });

  it('waits for a settlement only while there is a job and the process lives', async () => {
    const { reader } = await rig('published', ({ leases }) => leases.take(ID, 'another'));
    await expect(reader.waitSettled(ID.replace('4', '5'), 60_000)).rejects.toMatchObject({ code: 'job_not_found' });
    const waiting = reader.waitSettled(ID, 60_000);
    reader.endWaits();
    expect((await waiting).settledAt).toBeNull();
  });

  describe('of a job with 50,000 letters in 2,000 segments', () => {
    const LETTERS = 50_000;
    /** longer than a view waits */
    const LONG_MS = 2_500;
    beforeEach(() => jest.useFakeTimers());
    afterEach(() => jest.useRealTimers());

    /** Ten pages, the first of which comes when the test lets it. */
    async function* lettersAfter(gate: Promise<void>): AsyncGenerator<readonly LetterPosition[]> {
      await gate;
      for (let page = 0; page < 10; page++) {
        yield Array.from({ length: LETTERS / 10 }, (_, i) => letterAt((page * LETTERS) / 10 + i));
      }
    }

    async function slowRig() {
      const store = new JobStoreFixture();
      const revision = await store.jobs.create(ABOUT);
      const segments = Array.from({ length: 2_000 }, (_, seq) => segment(seq, seq * 30, 25)); // others lie between
      const counts = { accepted: LETTERS, published: LETTERS };
      await store.jobs.update({ id: ID, revision, state: 'published' }, counts, segments);
      const group = { isAway: false };
      const latest = () =>
        group.isAway
          ? Promise.reject(new Error('away'))
          : Promise.resolve(new Map([['orders', new Map([[0, 1_000_000n]])]]));
      let scans = 0;
      let answer = (): void => undefined;
      const gate = new Promise<void>((resolve) => (answer = resolve));
      const positionsOfJob = () => (scans++, lettersAfter(gate));
      const outcomes = new Outcomes({ latest }, { positionsOfJob, async *positionsOf() {} }, { drainRateOf: () => 1 });
      const reader = new JobReader({ ...store, list: {} as JobList }, NONE_RUNS, outcomes);
      return { store, reader, group, answer, scans: () => scans };
    }

    it('who waits for it is answered, after one scan, however many wait', async () => {
      const { reader, answer, scans } = await slowRig();
      const waiting = [reader.waitSettled(ID, 60_000), reader.waitSettled(ID, 60_000), reader.waitSettled(ID, 60_000)];
      await jest.advanceTimersByTimeAsync(LONG_MS);
      answer();
      for (const view of await Promise.all(waiting)) {
        expect(view.counts).toMatchObject({ stored: 0, rejectedInSink: LETTERS, pending: 0 });
        expect(view.settledAt).not.toBeNull();
      }
      expect(scans()).toBe(1);
    });

    it('it is settled behind the view of somebody who looked once', async () => {
      const { store, reader, answer } = await slowRig();
      const looking = reader.view(ID);
      await jest.advanceTimersByTimeAsync(LONG_MS);
      expect((await looking).settledAt).toBeNull();
      answer();
      await jest.advanceTimersByTimeAsync(0);
      expect(store.jobOf(ID)).toMatchObject({ state: 'stored', stored: 0, rejectedInSink: LETTERS });
    });

    it('its counts do not go back to nothing while Kafka is silent', async () => {
      const { store, reader, group, answer } = await slowRig();
      answer();
      await store.leases.take(ID, 'another'); // so that it is not settled
      expect((await reader.view(ID)).counts.rejectedInSink).toBe(LETTERS);
      group.isAway = true;
      expect((await reader.view(ID)).counts).toMatchObject({ rejectedInSink: LETTERS, pending: 0 });
    });
  });
});

/** Answers for one job, which is never settled. Nothing else of it is real. */
class Unsettled extends JobReader {
  looks = 0;

  constructor() {
    super({} as never, {} as RunningJobs, {} as Outcomes);
  }

  override view(): Promise<JobView> {
    this.looks++;
    return Promise.resolve({ settledAt: null } as JobView);
  }
}

describe('waiting until a job is settled', () => {
  it('ends when nobody waits for it any more', async () => {
    const reader = new Unsettled();
    const gone = new AbortController();
    const waiting = reader.waitSettled('id', 3_600_000, gone.signal);
    const reason = new Error('gone');
    gone.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(reader.looks).toBe(1);
  });

  it('ends with the job as it is when the time is over', async () => {
    expect(await new Unsettled().waitSettled('id', 0, new AbortController().signal)).toEqual({ settledAt: null });
  });
});
