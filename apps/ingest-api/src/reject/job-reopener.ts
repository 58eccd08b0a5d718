import type {
  DeadLetterRepository,
  DeadLetterState,
  IdempotencyKeyRepository,
  JobRepository,
  LeaseRepository,
  LetterPosition,
  RejectRepository,
  StoredJob,
} from '@orderstream/cassandra';
import { ProblemError, type JobView, type Segment } from '@orderstream/contracts';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import type { JobReader } from '../track/job-reader.js';
import { openRejectsOf, type OpenReject, type OpenRejects } from './open-rejects.js';
import type { RepairLease } from './repair-lease.js';
import type { RepairOutcome } from './repair-outcome.js';

/** Letters that are closed at once. */
const LETTERS_AT_ONCE = 16;

export interface RepairStores {
  readonly jobs: JobRepository;
  readonly leases: LeaseRepository;
  readonly rejects: RejectRepository;
  readonly letters: DeadLetterRepository;
}

export interface ReopenerStores extends RepairStores {
  readonly keys: Pick<IdempotencyKeyRepository, 'find'>;
}

/** A settled job under its lease, of which rejected rows are about to be published again. */
export interface ReopenedJob {
  readonly job: StoredJob;
  readonly segments: readonly Segment[];
  readonly open: OpenRejects;
  readonly lease: RepairLease;
}

/**
 * Rejected rows of a settled job count anew, once Kafka has acknowledged them with the next attempt. The one write that
 * counts them is counts and segments in one piece; before it there are but marks that do not count yet, and records that
 * can be sent again.
 */
export class JobReopener {
  constructor(
    private readonly stores: ReopenerStores,
    private readonly reader: JobReader,
  ) {}

  /** Throws `job_not_found` and `job_not_settled`; of jobs that were interrupted only while their upload can be resumed. */
  async settledView(jobId: string): Promise<JobView> {
    const view = await this.reader.view(jobId);
    if (view.settledAt === null)
      throw notSettled(`job ${jobId} has rows whose fate is not known yet; try again once its settledAt is set`);
    if (view.state === 'interrupted' && (await orStoreUnavailable(() => this.isResumable(jobId))))
      throw notSettled(
        `the upload of job ${jobId} was interrupted and its Idempotency-Key still stands; send its file again to its end first`,
      );
    return view;
  }

  /** To be called under the lease, after `settledView` under it. What an attempt before has left undone is put right. */
  async begin(jobId: string, lease: RepairLease): Promise<ReopenedJob> {
    const { jobs, rejects } = this.stores;
    const job = await jobs.find(jobId);
    if (!job) throw new ProblemError('job_not_found', `there is no job ${jobId}`);
    const segments = await jobs.segments(jobId);
    const open = await openRejectsOf(jobId, segments, this.stores);
    await rejects.mark(jobId, open.staleMarks, null, microsNow());
    await this.close(open.superseded, ({ state }) => (state === 'redriven' ? 'closed' : 'repaired'));
    return { job, segments, open, lease };
  }

  /** Marks, then the one write that makes them count. `close` the letters after it; the next attempt would, too. */
  async commit(reopened: ReopenedJob, published: readonly Segment[], outcome: RepairOutcome): Promise<void> {
    const { job, segments, lease } = reopened;
    const { repaired } = outcome;
    await lease.confirm();
    if (repaired.length > 0) await this.mark(reopened, repaired);
    if (repaired.length === 0 && !outcome.hasNewReasons) return;
    const places = published.map((segment, i) => ({ seq: segments.length + i, ...segment }));
    await lease.confirm();
    await this.stores.jobs.update(job, outcome.changeOf(job), places);
  }

  /** A letter that is moved by somebody else meanwhile stays as that one left it. Stops early when the signal aborts. */
  async close(
    letters: readonly LetterPosition[],
    stateAfter: (letter: LetterPosition) => DeadLetterState,
    signal?: AbortSignal,
  ): Promise<void> {
    for (let at = 0; at < letters.length && !signal?.aborted; at += LETTERS_AT_ONCE) {
      const some = letters.slice(at, at + LETTERS_AT_ONCE);
      await Promise.all(some.map((letter) => this.stores.letters.move(letter, letter.state, stateAfter(letter))));
    }
  }

  /** A resumed upload counts on what was published before it; no other job that was interrupted is ever gone on with. */
  private async isResumable(jobId: string): Promise<boolean> {
    const job = await this.stores.jobs.find(jobId);
    if (job?.idempotencyKey === undefined) return false;
    return (await this.stores.keys.find(job.idempotencyKey))?.jobId === jobId;
  }

  /** The mark counts once the job has segments of its attempt. A new reason of an earlier repair has had its day. */
  private async mark({ job, open }: ReopenedJob, repaired: readonly OpenReject[]): Promise<void> {
    const { rejects } = this.stores;
    const outdated = repaired.filter(({ letter, hasNewReason }) => letter !== undefined && hasNewReason);
    await rejects.forget(job.id, rowsOf(outdated), microsNow());
    await rejects.mark(job.id, rowsOf(repaired), open.lastAttempt + 1, microsNow());
  }
}

const rowsOf = (rejects: readonly OpenReject[]): number[] => rejects.map(({ row }) => row);

const notSettled = (what: string): ProblemError => new ProblemError('job_not_settled', what, { retryAfterSeconds: 2 });

export const microsNow = (): bigint => BigInt(Date.now()) * 1_000n;
