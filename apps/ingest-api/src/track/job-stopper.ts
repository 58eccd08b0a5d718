import type { StopRepository } from '@orderstream/cassandra';
import type { JobView } from '@orderstream/contracts';
import { wait } from '@orderstream/resilience';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import { CANCELLED } from './active-job.js';
import type { JobReader } from './job-reader.js';
import type { RunningJobs } from './running-jobs.js';

/** How long an answer waits for the end of a job that was told to stop, ms; its owner looks every 1.5 s. */
const END_WAIT_MS = 5_000;
/** The same for an interrupted redrive, which some process goes on with every 5 s. */
const RESUMED_WAIT_MS = 8_000;
const POLL_MS = 50;

/** Cancels a running job, wherever it runs: here at once, elsewhere by a request that its owner reads. */
export class JobStopper {
  constructor(
    private readonly running: RunningJobs,
    private readonly stops: StopRepository,
    private readonly reader: JobReader,
  ) {}

  /**
   * Tells the job to stop and waits up to 5 s for its end, 8 s where it is an interrupted redrive, which goes on by itself
   * and is stopped then; the view says what state it is in at last. A job that has ended is left as it is. Throws `job_not_found` or `store_unavailable`.
   */
  async stop(id: string): Promise<JobView> {
    let waitMs = END_WAIT_MS;
    const here = this.running.find(id);
    if (here) here.job.stop.abort(CANCELLED);
    else {
      const view = await this.reader.view(id);
      if (!goesOn(view)) return view;
      if (view.state === 'interrupted') waitMs = RESUMED_WAIT_MS;
      await orStoreUnavailable(() => this.stops.request(id));
    }
    const endsAt = Date.now() + waitMs;
    for (;;) {
      const view = await this.reader.view(id);
      if (!goesOn(view) || Date.now() >= endsAt) return view;
      await wait(POLL_MS);
    }
  }
}

/** An interrupted redrive is gone on with by whoever looks next. */
const goesOn = ({ state, kind }: JobView): boolean =>
  state === 'receiving' || (state === 'interrupted' && kind === 'redrive');
