import type { JobView } from '@orderstream/contracts';
import { JobReader } from './job-reader.js';
import type { Outcomes } from './outcomes.js';
import type { RunningJobs } from './running-jobs.js';

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
