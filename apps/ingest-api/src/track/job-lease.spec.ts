import { jest } from '@jest/globals';
import type { LeaseRepository, StopRepository } from '@orderstream/cassandra';
import type { Log } from '@orderstream/observability';
import type { ActiveJob } from './active-job.js';
import { JobStoreFixture } from './job-store.fixture.js';
import { RunningJobs } from './running-jobs.js';

const CHECKPOINT_MS = 1_500;
const SOURCE = { bytes: 0, sha256: null };
const ABOUT = { kind: 'upload', stream: 'orders', sourceName: 'test' } as const;

/** A call that does not come back before it is let go, as in a process that stands still. */
class Stall {
  private standing: Promise<void> = Promise.resolve();
  end = (): void => undefined;

  begin(): void {
    this.standing = new Promise((resolve) => (this.end = resolve));
  }

  async through<T>(work: () => Promise<T>): Promise<T> {
    await this.standing;
    return work();
  }
}

/** One process on the store: its lease calls wait for `atLease`, what it does between lease and save for `afterLease`. */
function processOn(store: JobStoreFixture) {
  const [atLease, afterLease] = [new Stall(), new Stall()];
  const { leases } = store;
  const slow = {
    ...leases,
    keep: (id: string, owner: string) => atLease.through(() => leases.keep(id, owner)),
  } as LeaseRepository;
  const stops = { isRequested: () => afterLease.through(() => Promise.resolve(false)) } as unknown as StopRepository;
  const log = { warn: () => undefined } as unknown as Log;
  return { atLease, afterLease, jobs: new RunningJobs(store.jobs, slow, stops, () => 1, log) };
}

/** So many rows from a base that only this call has, as Kafka gives offsets once. */
const publish = (job: ActiveJob, base: number, count: number): void =>
  job.acknowledge({
    topic: 'orders',
    partition: 0,
    base: String(base),
    count,
    firstRow: 0,
    lastRow: count,
    attempt: 1,
  });
const rowsIn = (store: JobStoreFixture, id: string): number =>
  store.segmentsOf(id).reduce((sum, { count }) => sum + count, 0);

describe('a job and the process that has its lease', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it.each([
    ['when it asks for its lease', false],
    ['between its lease and the write', true],
  ])('one that stands still %s while another goes on writes nothing more of it', async (_, afterLease) => {
    const store = new JobStoreFixture();
    const [a, b] = [processOn(store), processOn(store)];
    const job = await a.jobs.open(ABOUT);
    publish(job, 0, 100);
    await jest.advanceTimersByTimeAsync(CHECKPOINT_MS);
    expect(rowsIn(store, job.id)).toBe(100);

    publish(job, 100, 50); // grows the segment that B goes on from
    if (afterLease) {
      a.afterLease.begin();
      await jest.advanceTimersByTimeAsync(CHECKPOINT_MS);
    }
    a.atLease.begin();
    await jest.advanceTimersByTimeAsync(6_500);
    const { job: resumed } = await b.jobs.resume(job.id);
    publish(resumed, 500, 70);
    await jest.advanceTimersByTimeAsync(CHECKPOINT_MS);
    a.afterLease.end();
    await jest.advanceTimersByTimeAsync(CHECKPOINT_MS);
    a.atLease.end();
    await jest.advanceTimersByTimeAsync(CHECKPOINT_MS);
    expect(job.stop.signal.reason).toMatchObject({ code: 'job_running' });
    await a.jobs.finish(job, 'interrupted', SOURCE);

    await b.jobs.finish(resumed, 'published', SOURCE);
    expect(store.jobOf(job.id)).toMatchObject({ state: 'published', published: 170 });
    expect(rowsIn(store, job.id)).toBe(170);
  });

  it('one that wakes when another has gone on and ended leaves what that one has written', async () => {
    const store = new JobStoreFixture();
    const [a, b] = [processOn(store), processOn(store)];
    const job = await a.jobs.open(ABOUT);
    publish(job, 0, 100);
    a.atLease.begin();
    const ended = a.jobs.finish(job, 'interrupted', SOURCE);
    await jest.advanceTimersByTimeAsync(6_000);
    const { job: resumed } = await b.jobs.resume(job.id);
    publish(resumed, 500, 30);
    await b.jobs.finish(resumed, 'published', SOURCE);
    a.atLease.end();
    await jest.advanceTimersByTimeAsync(CHECKPOINT_MS);
    await ended;
    expect(store.jobOf(job.id)).toMatchObject({ state: 'published', published: 30 });
    expect(rowsIn(store, job.id)).toBe(30);
    expect(await store.leases.ownerOf(job.id)).toBeUndefined();
  });

  it('one whose lease ran out while nobody else went on takes it again, above a settlement in between', async () => {
    const store = new JobStoreFixture();
    const a = processOn(store);
    const job = await a.jobs.open(ABOUT);
    publish(job, 0, 100);
    await jest.advanceTimersByTimeAsync(CHECKPOINT_MS);
    a.atLease.begin();
    await jest.advanceTimersByTimeAsync(6_000);
    await store.jobs.update(store.jobOf(job.id)!, { state: 'interrupted', stored: 100, settledAtMs: 1 });
    publish(job, 100, 50);
    a.atLease.end();
    await jest.advanceTimersByTimeAsync(CHECKPOINT_MS);
    await a.jobs.finish(job, 'published', SOURCE);
    expect(store.jobOf(job.id)).toMatchObject({ state: 'published', published: 150, stored: null, settledAtMs: null });
  });
});
