import { jest } from '@jest/globals';
import type { LeaseRepository } from '@orderstream/cassandra';
import { withRepairLease, type RepairLease } from './repair-lease.js';

/** A lease of the table: `answer` is what keeping it comes to. */
class Leases {
  isFree = true;
  answer: boolean | Error = true;
  released = 0;

  take = (): Promise<boolean> => Promise.resolve(this.isFree);
  keep = (): Promise<boolean> =>
    this.answer instanceof Error ? Promise.reject(this.answer) : Promise.resolve(this.answer);
  release = (): Promise<void> => Promise.resolve(void this.released++);
}

const LOST = { code: 'job_running' };
const AWAY = new Error('no host');

describe('the lease of a repair', () => {
  let leases: Leases;
  const held = <T>(work: (lease: RepairLease) => Promise<T>): Promise<T> =>
    withRepairLease(leases as unknown as LeaseRepository, 'j', work);
  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

  beforeEach(() => {
    jest.useFakeTimers();
    leases = new Leases();
  });
  afterEach(() => jest.useRealTimers());

  it('is had by one: another is told job_running, and does nothing', async () => {
    leases.isFree = false;
    const work = jest.fn(() => Promise.resolve());
    await expect(held(work)).rejects.toMatchObject(LOST);
    expect(work).not.toHaveBeenCalled();
  });

  it('is kept for as long as the work takes, and given back', async () => {
    const answer = await held(async (lease) => {
      await pass(60_000);
      await lease.confirm();
      return lease.signal.aborted;
    });
    expect([answer, leases.released]).toEqual([false, 1]);
  });

  it('is lost when another has it: the signal says so, and nothing is confirmed any more', async () => {
    const work = held(async (lease) => {
      leases.answer = false;
      await pass(2_000);
      expect(lease.signal.reason).toMatchObject(LOST);
      leases.answer = true;
      await lease.confirm();
    });
    await expect(work).rejects.toMatchObject(LOST);
  });

  it('is seen to be lost at the latest when it is confirmed', async () => {
    const work = held(async (lease) => {
      leases.answer = false;
      expect(lease.signal.aborted).toBe(false);
      await lease.confirm();
    });
    await expect(work).rejects.toMatchObject(LOST);
  });

  it('outlives a store that is away for less than its time, and no longer', async () => {
    await held(async (lease) => {
      leases.answer = AWAY;
      await pass(4_000);
      await expect(lease.confirm()).rejects.toMatchObject({ code: 'store_unavailable' });
      leases.answer = true;
      await pass(2_000);
      await lease.confirm();
      leases.answer = AWAY;
      await pass(4_000);
      expect(lease.signal.aborted).toBe(false);
      await pass(4_000);
      leases.answer = true;
      await expect(lease.confirm()).rejects.toMatchObject(LOST);
    });
  });
});
