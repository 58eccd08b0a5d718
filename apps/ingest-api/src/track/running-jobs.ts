import { randomUUID } from 'node:crypto';
import type { JobChange, JobRepository, LeaseRepository, NewJob, StopRepository } from '@orderstream/cassandra';
import { ProblemError, type JobFailure, type JobState } from '@orderstream/contracts';
import type { Log } from '@orderstream/observability';
import { retryUntil, wait } from '@orderstream/resilience';
import { ActiveJob, CANCELLED } from './active-job.js';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import { JobLease } from './job-lease.js';
import { jobRunning } from './job-running.js';
import { JobSaver } from './job-saver.js';
import { segmentOf } from './job-view.js';
import type { Checkpoint, JobSource, JobToOpen, RunningJob } from './running-job.js';

/** A running job is written down and its lease kept this often, ms; the lease lives 5 s. */
const CHECKPOINT_MS = 1_500;
/** How long an answer waits for the last write of its job, ms; then it comes from memory. */
const SAVE_WAIT_MS = 1_000;
const SAVE_BACKOFF = { initialMs: 250, maxMs: 5_000 } as const;

interface Kept extends RunningJob {
  readonly saver: JobSaver;
  readonly lease: JobLease;
  readonly timer: NodeJS.Timeout;
  /** set by whoever feeds the job: where a resume would go on */
  checkpoint: (() => Checkpoint) | undefined;
}

/** The jobs of which this process is the one writer: opened before their first send, written down at checkpoints. */
export class RunningJobs {
  private readonly owner = randomUUID();
  private readonly keptById = new Map<string, Kept>();
  private readonly opening = new Set<string>();

  constructor(
    private readonly jobs: JobRepository,
    private readonly leases: LeaseRepository,
    private readonly stops: StopRepository,
    private readonly nextWriteTime: () => number,
    private readonly log: Log,
  ) {}

  find(id: string): RunningJob | undefined {
    return this.keptById.get(id);
  }

  /** Takes the lease of a job that is still to be made, or keeps it. Rejects as Cassandra did. */
  async reserve(id: string): Promise<void> {
    if (!(await this.leases.keep(id, this.owner))) await this.leases.take(id, this.owner);
  }

  /**
   * Makes the job. Throws `store_unavailable` when Cassandra does not take it, and `job_running` when another request has
   * been quicker to make one of that id.
   */
  async open(about: JobToOpen): Promise<ActiveJob> {
    const row: NewJob = {
      ...about,
      id: about.id ?? randomUUID(),
      writeTimeBase: BigInt(this.nextWriteTime()),
      createdAtMs: Date.now(),
    };
    const job = new ActiveJob({
      ...row,
      writeTimeBase: Number(row.writeTimeBase),
      createdAt: new Date(row.createdAtMs),
    });
    // The owner of a lease is this process, so the lease does not tell two requests of it apart.
    if (this.keptById.has(job.id) || this.opening.has(job.id)) throw isReceived(job.id);
    this.opening.add(job.id);
    try {
      // The lease first: a job that is receiving without one counts as interrupted.
      if (!(await this.leases.take(job.id, this.owner))) throw isReceived(job.id);
      this.keep(job, await this.jobs.create(row));
      return job;
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      throw new ProblemError(
        'store_unavailable',
        'the job could not be made, for Cassandra did not answer; try again',
        {
          retryAfterSeconds: 2,
          cause: error,
        },
      );
    } finally {
      this.opening.delete(job.id);
    }
  }

  /**
   * Takes over a job that was interrupted; one that somebody has asked to stop since is stopped already. Throws `job_running` when another has it, `job_not_found`, and
   * `store_unavailable`.
   */
  async resume(id: string): Promise<{ job: ActiveJob; checkpoint: Checkpoint | undefined }> {
    if (this.keptById.has(id)) throw isReceived(id);
    return orStoreUnavailable(async () => {
      if (!(await this.leases.take(id, this.owner))) throw isReceived(id);
      const found = await this.jobs.read(id);
      if (!found) throw new ProblemError('job_not_found', `there is no job ${id}`);
      const stored = found.job;
      const job = new ActiveJob(
        { ...stored, writeTimeBase: Number(stored.writeTimeBase), createdAt: new Date(stored.createdAtMs) },
        { ...stored, segments: found.segments.map(segmentOf) },
      );
      // An upload finds its warnings again as its body is read again; a redrive does not come back to what it has parked.
      if (stored.kind === 'redrive') for (const warning of stored.warnings) job.warnings.add(warning);
      if (await this.stops.isRequested(id)) job.stop.abort(CANCELLED);
      this.keep(job, stored.revision);
      return {
        job,
        checkpoint: stored.checkpoint === null ? undefined : (JSON.parse(stored.checkpoint) as Checkpoint),
      };
    });
  }

  /** From now on the job's checkpoints say where its body stands. */
  follow(job: ActiveJob, checkpoint: () => Checkpoint): void {
    const kept = this.keptById.get(job.id);
    if (kept) kept.checkpoint = checkpoint;
  }

  /**
   * The body has ended, well or not (`failure` says why). While Cassandra is away the job stays in memory until it can be
   * written down.
   */
  async finish(job: ActiveJob, state: JobState, source: JobSource, failure: JobFailure | null = null): Promise<void> {
    const kept = this.keptById.get(job.id);
    if (!kept) return; // another process goes on with it
    kept.state = state;
    kept.source = source;
    kept.failure = failure;
    kept.publishedAtMs = state === 'published' ? Date.now() : null;
    await Promise.race([this.saveForGood(kept), wait(SAVE_WAIT_MS)]);
    kept.isTold = true;
  }

  /** Waits, no longer than `timeoutMs`, until nothing is in memory only. */
  async flush(timeoutMs: number): Promise<void> {
    const endsAt = Date.now() + timeoutMs;
    while (this.keptById.size > 0 && Date.now() < endsAt) await wait(50);
  }

  private keep(job: ActiveJob, revision: bigint): void {
    const checkpoint = () => {
      const at = this.keptById.get(job.id)?.checkpoint?.();
      return at && JSON.stringify(at);
    };
    const saver = new JobSaver(this.jobs, job, revision, checkpoint);
    const timer = setInterval(() => void this.checkpoint(job.id), CHECKPOINT_MS);
    this.keptById.set(job.id, {
      job,
      saver,
      lease: new JobLease({ jobs: this.jobs, leases: this.leases }, job, this.owner),
      timer,
      state: 'receiving',
      source: { bytes: 0, sha256: null },
      failure: null,
      publishedAtMs: null,
      isTold: false,
      checkpoint: undefined,
    });
  }

  /** Deferred, not failed, while Cassandra is away: the next one writes what this one could not. */
  private async checkpoint(id: string): Promise<void> {
    const kept = this.keptById.get(id);
    if (!kept) return;
    try {
      if (!(await this.isMine(kept))) return;
      if (await this.stops.isRequested(id)) kept.job.stop.abort(CANCELLED);
      // Nothing is awaited between the look and the save: the last state must not be overwritten by this one.
      if (kept.state === 'receiving') await this.saveIfMine(kept, 'receiving');
    } catch (error) {
      this.log.warn({ job: id, reason: (error as Error).message }, 'checkpoint deferred');
    }
  }

  /** Whether this process is still the one writer of the job. If not, the job goes on elsewhere and ends here. */
  private async isMine(kept: Kept): Promise<boolean> {
    const { job, lease, saver } = kept;
    if (await lease.keep((revision) => saver.follow(revision))) return this.keptById.get(job.id) === kept;
    if (!this.forget(kept)) return false;
    this.log.warn({ job: job.id }, 'another process goes on with this job, it ends here');
    job.stop.abort(jobRunning(`job ${job.id} goes on in another process`));
    return false;
  }

  private saveIfMine({ saver, lease }: Kept, state: JobState, more: JobChange = {}): Promise<void> {
    return saver.save(state, more, () => lease.requireFresh());
  }

  private async saveForGood(kept: Kept): Promise<void> {
    const { job, source, failure, publishedAtMs } = kept;
    const change = {
      sourceBytes: source.bytes,
      sourceSha256: source.sha256,
      publishedAtMs,
      failure: failure && JSON.stringify(failure),
    };
    const save = async (): Promise<void> => {
      if (await this.isMine(kept)) await this.saveIfMine(kept, kept.state, change);
    };
    await retryUntil(save, {
      ...SAVE_BACKOFF,
      onRetry: (error, attempt) => {
        if (attempt === 1)
          this.log.warn({ job: job.id, reason: (error as Error).message }, 'job is written down later');
      },
    });
    if (this.forget(kept)) await kept.lease.release();
  }

  /** False when it was forgotten before. */
  private forget({ job, timer }: Kept): boolean {
    clearInterval(timer);
    return this.keptById.delete(job.id);
  }
}

const isReceived = (id: string): ProblemError => jobRunning(`job ${id} is being received; ask again when it has ended`);
