import type { StopRepository } from '@orderstream/cassandra';
import type { JobView } from '@orderstream/contracts';
import { wait } from '@orderstream/resilience';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import { CANCELLED } from './active-job.js';
import type { JobReader } from './job-reader.js';
import type { RunningJobs } from './running-jobs.js';

/** How long an answer waits for the end of a job that was told to stop, ms; its owner looks every 1.5 s. */
const END_WAIT_MS = 5_000;
const POLL_MS = 50;

/** Cancels a running job, wherever it runs: here at once, elsewhere by a request that its owner reads. */
export class JobStopper {
  constructor(
    private readonly running: RunningJobs,
    private readonly stops: StopRepository,
    private readonly reader: JobReader,
  ) {}

  /**
   * Tells the job to stop and waits up to 5 s for its end; the view says what state it is in then. A job that has ended
   * is left as it is. Throws `job_not_found` or `store_unavailable`.
   */
  async stop(id: string): Promise<JobView> {
    const here = this.running.find(id);
    if (here) here.job.stop.abort(CANCELLED);
    else {
      const view = await this.reader.view(id);
      if (view.state !== 'receiving') return view;
      await orStoreUnavailable(() => this.stops.request(id));
    }
    const endsAt = Date.now() + END_WAIT_MS;
    for (;;) {
      const view = await this.reader.view(id);
      if (view.state !== 'receiving' || Date.now() >= endsAt) return view;
      await wait(POLL_MS);
    }
  }
}
