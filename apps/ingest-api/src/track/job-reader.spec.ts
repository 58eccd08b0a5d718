import type { JobList, JobSegment, StoredJob } from '@orderstream/cassandra';
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
  const letters = { positionsOfJob: async function* () {} };
  const outcomes = new Outcomes({ latest }, letters, { drainRateOf: () => 1 });
  const running = { find: () => undefined } as unknown as RunningJobs;
  return { store, reader: new JobReader({ ...store, list: {} as JobList }, running, outcomes) };
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
});
