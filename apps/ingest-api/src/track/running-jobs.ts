import { randomUUID } from 'node:crypto';
import type { JobRepository, LeaseRepository, NewJob, StopRepository } from '@orderstream/cassandra';
import { ProblemError, type JobKind, type JobState } from '@orderstream/contracts';
import type { Log } from '@orderstream/observability';
import { retryUntil, wait } from '@orderstream/resilience';
import { ActiveJob, CANCELLED } from './active-job.js';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import { JobSaver } from './job-saver.js';
import { segmentOf } from './job-view.js';

/** A lease that is another's at so many looks in a row is lost: whoever settles an orphan holds it for a moment only. */
const LOST_AFTER_LOOKS = 2;
/** A running job is written down and its lease kept this often, ms; the lease lives 5 s. */
const CHECKPOINT_MS = 1_500;
/** How long an answer waits for the last write of its job, ms; then it comes from memory. */
const SAVE_WAIT_MS = 1_000;
const SAVE_BACKOFF = { initialMs: 250, maxMs: 5_000 } as const;

/** What a resume needs to know of the part that was read: its hash, the partitions that rows were spread over, its rejects. */
export interface Checkpoint {
  readonly bytes: number;
  readonly sha256: string;
  readonly partitions: number;
  /** every reject of rows up to this one is written down; absent: unknown */
  readonly rejectsThrough?: number;
}

export interface JobSource {
  readonly bytes: number;
  readonly sha256: string | null;
}

/** A job this process receives, or has received and not yet written down. */
export interface RunningJob {
  readonly job: ActiveJob;
  state: JobState;
  source: JobSource;
  publishedAtMs: number | null;
}

interface Kept extends RunningJob {
  readonly saver: JobSaver;
  readonly timer: NodeJS.Timeout;
  /** set by whoever feeds the job: where a resume would go on */
  checkpoint: (() => Checkpoint) | undefined;
  /** looks in a row at which the lease was another's */
  lostLooks: number;
}

export interface JobToOpen {
  /** a new one unless given */
  readonly id?: string;
  readonly idempotencyKey?: string;
  readonly kind: JobKind;
  readonly stream: string;
  readonly sourceName: string;
  readonly expected?: number;
  /** JSON text */
  readonly options?: string;
}

/** The jobs of which this process is the one writer: opened before their first send, written down at checkpoints. */
export class RunningJobs {
  private readonly owner = randomUUID();
  private readonly keptById = new Map<string, Kept>();

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

  /** Makes the job. Throws `store_unavailable` when Cassandra does not take it. */
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
    try {
      // The lease first: a job that is receiving without one counts as interrupted.
      await this.leases.take(job.id, this.owner);
      this.keep(job, await this.jobs.create(row));
      return job;
    } catch (error) {
      throw new ProblemError(
        'store_unavailable',
        'the job could not be made, for Cassandra did not answer; try again',
        {
          retryAfterSeconds: 2,
          cause: error,
        },
      );
    }
  }

  /**
   * Takes over a job that was interrupted. Throws `job_running` when another has it, `job_not_found`, and
   * `store_unavailable`.
   */
  async resume(id: string): Promise<{ job: ActiveJob; checkpoint: Checkpoint | undefined }> {
    if (this.keptById.has(id)) throw jobRunning(id);
    return orStoreUnavailable(async () => {
      if (!(await this.leases.take(id, this.owner))) throw jobRunning(id);
      const stored = await this.jobs.find(id);
      if (!stored) throw new ProblemError('job_not_found', `there is no job ${id}`);
      const job = new ActiveJob(
        { ...stored, writeTimeBase: Number(stored.writeTimeBase), createdAt: new Date(stored.createdAtMs) },
        { ...stored, segments: (await this.jobs.segments(id)).map(segmentOf) },
      );
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

  /** The body has ended, well or not. While Cassandra is away the job stays in memory until it can be written down. */
  async finish(job: ActiveJob, state: JobState, source: JobSource): Promise<void> {
    const kept = this.keptById.get(job.id);
    if (!kept) return; // another process goes on with it
    kept.state = state;
    kept.source = source;
    kept.publishedAtMs = state === 'published' ? Date.now() : null;
    await Promise.race([this.saveForGood(kept), wait(SAVE_WAIT_MS)]);
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
      timer,
      state: 'receiving',
      source: { bytes: 0, sha256: null },
      publishedAtMs: null,
      checkpoint: undefined,
      lostLooks: 0,
    });
  }

  /** Deferred, not failed, while Cassandra is away: the next one writes what this one could not. */
  private async checkpoint(id: string): Promise<void> {
    const kept = this.keptById.get(id);
    if (!kept) return;
    try {
      await this.keepLease(kept);
      if (await this.stops.isRequested(id)) kept.job.stop.abort(CANCELLED);
      // Nothing is awaited between the look and the save: the last state must not be overwritten by this one.
      if (kept.state === 'receiving') await kept.saver.save('receiving');
    } catch (error) {
      this.log.warn({ job: id, reason: (error as Error).message }, 'checkpoint deferred');
    }
  }

  /** Run out while Cassandra was away, it is taken again. Another's, the job goes on there and ends here. */
  private async keepLease(kept: Kept): Promise<void> {
    const { job } = kept;
    const mine = (await this.leases.keep(job.id, this.owner)) || (await this.leases.take(job.id, this.owner));
    kept.lostLooks = mine ? 0 : kept.lostLooks + 1;
    if (kept.lostLooks < LOST_AFTER_LOOKS || job.stop.signal.aborted) return;
    this.log.warn({ job: job.id }, 'another process goes on with this job, it ends here');
    clearInterval(kept.timer);
    this.keptById.delete(job.id);
    job.stop.abort(
      new ProblemError('job_running', `job ${job.id} goes on in another process`, { retryAfterSeconds: 2 }),
    );
  }

  private async saveForGood(kept: Kept): Promise<void> {
    const { job, saver, source } = kept;
    const change = { sourceBytes: source.bytes, sourceSha256: source.sha256, publishedAtMs: kept.publishedAtMs };
    await retryUntil(() => saver.save(kept.state, change), {
      ...SAVE_BACKOFF,
      onRetry: (error, attempt) => {
        if (attempt === 1)
          this.log.warn({ job: job.id, reason: (error as Error).message }, 'job is written down later');
      },
    });
    clearInterval(kept.timer);
    this.keptById.delete(job.id);
    await this.leases.release(job.id, this.owner).catch(() => undefined); // it runs out by itself
  }
}

const jobRunning = (id: string): ProblemError =>
  new ProblemError('job_running', `job ${id} is being received; ask again when it has ended`, { retryAfterSeconds: 2 });
