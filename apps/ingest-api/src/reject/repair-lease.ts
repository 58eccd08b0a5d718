import { randomUUID } from 'node:crypto';
import { LEASE_TTL_S, type LeaseRepository } from '@orderstream/cassandra';
import { ProblemError } from '@orderstream/contracts';
import { orStoreUnavailable } from '../problems/store-unavailable.js';

const KEEP_MS = 1_500;
const TTL_MS = LEASE_TTL_S * 1_000;

/** The sole right to work on a job, while it lasts. */
export interface RepairLease {
  /** aborted with `job_running` once it is lost: another request may work on the job since */
  readonly signal: AbortSignal;
  /** Asks Cassandra, before what only its holder may do. Throws `job_running` or `store_unavailable`. */
  confirm(): Promise<void>;
}

/**
 * The work while nobody else works on the job. Throws `job_running` (or what `taken` makes) when somebody does. A lease that has run out is lost
 * for good, even if it is free: what the work has read of the job may be another's to change since.
 */
export async function withRepairLease<T>(
  leases: LeaseRepository,
  jobId: string,
  work: (lease: RepairLease) => Promise<T>,
  taken: () => ProblemError = () => runningElsewhere(jobId),
): Promise<T> {
  const lease = new KeptLease(leases, jobId, taken);
  await lease.take();
  const timer = setInterval(() => void lease.keep(), KEEP_MS);
  try {
    return await work(lease);
  } finally {
    clearInterval(timer);
    await lease.release();
  }
}

class KeptLease implements RepairLease {
  private readonly owner = randomUUID();
  private readonly lost = new AbortController();
  private keptAt = performance.now();
  private keeping: Promise<void> | undefined;

  constructor(
    private readonly leases: LeaseRepository,
    private readonly jobId: string,
    private readonly running: () => ProblemError,
  ) {}

  get signal(): AbortSignal {
    return this.lost.signal;
  }

  async take(): Promise<void> {
    this.keptAt = performance.now();
    if (!(await orStoreUnavailable(() => this.leases.take(this.jobId, this.owner)))) throw this.running();
  }

  async confirm(): Promise<void> {
    this.signal.throwIfAborted();
    await orStoreUnavailable(() => this.extend());
    this.signal.throwIfAborted();
  }

  /** While Cassandra does not answer the lease lasts as long as its time to live, and no longer. */
  async keep(): Promise<void> {
    try {
      await this.extend();
    } catch {
      if (performance.now() - this.keptAt >= TTL_MS) this.lost.abort(this.running());
    }
  }

  async release(): Promise<void> {
    await this.leases.release(this.jobId, this.owner).catch(() => undefined); // it runs out by itself
  }

  /** One at a time: several would get into each other's way. */
  private extend(): Promise<void> {
    this.keeping ??= this.ask().finally(() => (this.keeping = undefined));
    return this.keeping;
  }

  private async ask(): Promise<void> {
    const asked = performance.now();
    if (await this.leases.keep(this.jobId, this.owner)) this.keptAt = asked;
    else this.lost.abort(this.running());
  }
}

const runningElsewhere = (jobId: string): ProblemError =>
  new ProblemError(
    'job_running',
    `another request works on job ${jobId}, so nothing of this one counts; send it again once that has ended`,
    { retryAfterSeconds: 2 },
  );
