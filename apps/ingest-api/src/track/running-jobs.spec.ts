import { jest } from '@jest/globals';
import type { JobRepository, LeaseRepository, StopRepository } from '@orderstream/cassandra';
import type { Log } from '@orderstream/observability';
import { CANCELLED } from './active-job.js';
import { RunningJobs } from './running-jobs.js';

const CHECKPOINT_MS = 1_500;

/** The store's answers; `states` are those that were written, in their order. */
function rig(isRequested: () => Promise<boolean>, take = yes) {
  const states: string[] = [];
  const update: JobRepository['update'] = (job, change) => {
    states.push(change.state ?? job.state);
    return Promise.resolve(job.revision + 1n);
  };
  const running = new RunningJobs(
    { create: () => Promise.resolve(1n), update, read } as unknown as JobRepository,
    { take, keep: yes, release: () => Promise.resolve() } as unknown as LeaseRepository,
    { isRequested } as unknown as StopRepository,
    () => 1,
    { warn: () => undefined } as unknown as Log,
  );
  return { running, states };
}

const read = (id: string) =>
  Promise.resolve({
    job: {
      id,
      kind: 'redrive',
      writeTimeBase: 1n,
      createdAtMs: 0,
      checkpoint: null,
      revision: 1n,
      warnings: ['1 letter is parked'],
    },
    segments: [],
  });

const yes = () => Promise.resolve(true);
const ABOUT = { kind: 'run', stream: 'orders', sourceName: 'test' } as const;

describe('RunningJobs', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('a job that ends while its checkpoint is under way stays ended', async () => {
    let answer!: (requested: boolean) => void;
    const { running, states } = rig(() => new Promise((resolve) => (answer = resolve)));
    const job = await running.open(ABOUT);
    await jest.advanceTimersByTimeAsync(CHECKPOINT_MS);
    const ended = running.finish(job, 'published', { bytes: 0, sha256: null });
    await jest.advanceTimersByTimeAsync(0);
    answer(false);
    await jest.advanceTimersByTimeAsync(1_000);
    await ended;
    expect(states).toEqual(['published']);
  });

  it('a job that another process wants stopped is told so at its next checkpoint', async () => {
    let requested = false;
    const { running } = rig(() => Promise.resolve(requested));
    const job = await running.open(ABOUT);
    await jest.advanceTimersByTimeAsync(CHECKPOINT_MS);
    expect(job.stop.signal.aborted).toBe(false);
    requested = true;
    await jest.advanceTimersByTimeAsync(CHECKPOINT_MS);
    expect(job.stop.signal.reason).toBe(CANCELLED);
    const ended = running.finish(job, 'cancelled', { bytes: 0, sha256: null });
    await jest.advanceTimersByTimeAsync(1_000);
    await ended;
  });

  it('of two requests that make a job of one id, the later is told that it runs', async () => {
    const { running } = rig(() => Promise.resolve(false));
    const [first, second] = await Promise.allSettled([
      running.open({ ...ABOUT, id: 'one' }),
      running.open({ ...ABOUT, id: 'one' }),
    ]);
    expect([first.status, second.status]).toEqual(['fulfilled', 'rejected']);
    expect(second).toMatchObject({ reason: { code: 'job_running' } });
    await expect(running.open({ ...ABOUT, id: 'one' })).rejects.toMatchObject({ code: 'job_running' });
    const elsewhere = rig(
      () => Promise.resolve(false),
      () => Promise.resolve(false),
    ).running;
    await expect(elsewhere.open({ ...ABOUT, id: 'two' })).rejects.toMatchObject({ code: 'job_running' });
  });

  it('a redrive that was to be stopped while nobody had it is stopped when it is gone on with, and keeps its warnings', async () => {
    const { running } = rig(yes);
    const { job } = await running.resume('00000000-0000-4000-8000-000000000001');
    expect(job.stop.signal.reason).toBe(CANCELLED);
    expect([...job.warnings]).toEqual(['1 letter is parked']);
    const ended = running.finish(job, 'cancelled', { bytes: 0, sha256: null });
    await jest.advanceTimersByTimeAsync(1_000);
    await ended;
  });
});
