import { randomUUID } from 'node:crypto';
import type {
  DeadLetterRepository,
  JobRepository,
  LeaseRepository,
  RedriveRepository,
  StoredJob,
} from '@orderstream/cassandra';
import { ProblemError, type JobView } from '@orderstream/contracts';
import type { Log } from '@orderstream/observability';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import { withRepairLease, type RepairLease } from '../reject/repair-lease.js';
import type { ActiveJob } from '../track/active-job.js';
import type { JobReader } from '../track/job-reader.js';
import { isJobRunning } from '../track/job-running.js';
import type { RunningJobs } from '../track/running-jobs.js';
import { nameOf } from './letter-selection.js';
import {
  identityOf,
  MOST_LETTERS,
  openLettersIn,
  optionsOf,
  type RedriveOptions,
  type RedriveRequest,
} from './redrive-plan.js';
import type { RedriveRunner } from './redrive-runner.js';

/** The lease of whichever redrive runs; no job has this id. */
const LEASE_ID = '00000000-0000-4000-8000-00000000000d';
/** How often an interrupted redrive is looked for, ms. */
const LOOK_MS = 5_000;
/** How long the answer waits for the job of a redrive of no letter to be settled, ms. */
const NOTHING_MS = 5_000;

export interface RedriveAnswer {
  /** 202: it goes on in the background; 200: it did before, or there was nothing to do */
  readonly status: 200 | 202;
  readonly view: JobView;
}

export interface RedriveParts {
  readonly redrives: RedriveRepository;
  readonly letters: DeadLetterRepository;
  readonly jobs: JobRepository;
  readonly leases: LeaseRepository;
  readonly running: RunningJobs;
  readonly reader: JobReader;
  readonly runner: RedriveRunner;
  readonly log: Log;
}

/** A redrive that this process works on. */
interface Begun {
  readonly job: ActiveJob;
  readonly options: RedriveOptions;
}

/**
 * Letters that are sent again: one redrive at a time, on whichever replica, under a lease. One that lost its process is
 * gone on with by the next process that looks, or is asked for another.
 */
export class Redrives {
  private readonly ending = new AbortController();
  private readonly underWay = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: RedriveParts) {}

  /**
   * Begins a redrive of all letters of the selection that are open now. While one runs: that one, when it was asked for the
   * same. An interrupted one is gone on with first, in the background, and counts as one that runs. Throws
   * `redrive_running`, `bad_body`, `store_unavailable`.
   */
  async start(request: RedriveRequest): Promise<RedriveAnswer> {
    try {
      const begun = (await this.begin(async () => (await this.goOn()) ?? this.make(request)))!;
      if (identityOf(begun.options) !== identityOf(request)) throw redriveRunning();
      return await this.answerOf(begun);
    } catch (error) {
      if (!(error instanceof ProblemError) || error.code !== 'redrive_running') throw error;
      return { status: 200, view: await this.same(request, error) };
    }
  }

  /** Does the work while no redrive runs or is interrupted, and none begins; false when one is. Rejects as the work does. */
  async whileNone(work: () => Promise<void>): Promise<boolean> {
    let isDone = false;
    const alone = async (): Promise<void> => {
      if (await orStoreUnavailable(() => this.unfinished())) return;
      await work();
      isDone = true;
    };
    await withRepairLease(this.parts.leases, LEASE_ID, alone, redriveRunning).catch((error: unknown) => {
      if (!(error instanceof ProblemError) || error.code !== 'redrive_running') throw error;
    });
    return isDone;
  }

  /** From now on an interrupted redrive is gone on with. */
  watch(): void {
    const look = (): void => void this.lookForInterrupted();
    this.timer = setInterval(look, LOOK_MS);
    look();
  }

  /** The process ends: what is under way is left so that another can go on. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.ending.abort(SHUTTING_DOWN);
    await Promise.all(this.underWay);
  }

  private async answerOf({ job, options }: Begun): Promise<RedriveAnswer> {
    if (options.letters > 0) return { status: 202, view: await this.parts.reader.view(job.id) };
    const view = await this.parts.reader.waitSettled(job.id, NOTHING_MS);
    return { status: view.settledAt === null ? 202 : 200, view };
  }

  private async same(request: RedriveRequest, running: ProblemError): Promise<JobView> {
    const last = await orStoreUnavailable(() => this.parts.redrives.last());
    if (last?.selection !== identityOf(request)) throw running;
    return this.parts.reader.view(last.id).catch((error: unknown) => {
      throw error instanceof ProblemError && error.code === 'job_not_found' ? running : error; // it is being made
    });
  }

  /** Answers once it is known what is worked on; the work goes on under the lease. */
  private begin(prepare: () => Promise<Begun | undefined>): Promise<Begun | undefined> {
    return new Promise((resolve, reject) => {
      const work = async (lease: RepairLease): Promise<void> => {
        const begun = await orStoreUnavailable(prepare);
        resolve(begun);
        if (begun)
          await this.parts.runner.run(begun.job, begun.options, { lost: lease.signal, ending: this.ending.signal });
      };
      const ended = withRepairLease(this.parts.leases, LEASE_ID, work, redriveRunning)
        .catch(reject)
        .finally(() => this.underWay.delete(ended));
      this.underWay.add(ended);
    });
  }

  private async make(request: RedriveRequest): Promise<Begun> {
    const { redrives, running, log } = this.parts;
    const id = randomUUID();
    await redrives.setLast({ id, selection: identityOf(request) });
    const { letters, stream, isCut } = await openLettersIn(request.selection, this.parts.letters);
    await redrives.put(id, letters);
    const options: RedriveOptions = { ...request, letters: letters.length };
    const sourceName = `redrive of ${nameOf(request.selection)}`;
    const job = await running.open({ id, kind: 'redrive', stream, sourceName, options: JSON.stringify(options) });
    if (isCut) job.warnings.add(`only the first ${MOST_LETTERS} letters are taken; redrive again for the others`);
    log.info({ job: id, letters: letters.length, patched: request.patch !== undefined }, sourceName);
    return { job, options };
  }

  /** Undefined when no redrive is interrupted. */
  private async goOn(): Promise<Begun | undefined> {
    const stored = await this.unfinished();
    if (!stored) return undefined;
    const { job } = await this.parts.running.resume(stored.id).catch(orRunning);
    this.parts.log.info({ job: job.id }, 'a redrive that was interrupted goes on');
    return { job, options: optionsOf(stored) };
  }

  private async unfinished(): Promise<StoredJob | undefined> {
    const last = await this.parts.redrives.last();
    const job = last && (await this.parts.jobs.find(last.id));
    return job?.state === 'receiving' || job?.state === 'interrupted' ? job : undefined;
  }

  private async lookForInterrupted(): Promise<void> {
    if (this.underWay.size > 0 || this.ending.signal.aborted) return;
    try {
      if (await this.unfinished()) await this.begin(() => this.goOn());
    } catch (error) {
      this.parts.log.debug({ reason: (error as Error).message }, 'no interrupted redrive is gone on with now');
    }
  }
}

const SHUTTING_DOWN = new ProblemError('shutting_down', 'the server was shut down; the redrive goes on by itself');

const redriveRunning = (): ProblemError =>
  new ProblemError('redrive_running', 'one redrive runs at a time, and another does; GET /jobs shows it', {
    retryAfterSeconds: 5,
  });

/** The lease of its job outlives that of the redrives for a moment. */
const orRunning = (error: unknown): never => {
  throw isJobRunning(error) ? redriveRunning() : error;
};
