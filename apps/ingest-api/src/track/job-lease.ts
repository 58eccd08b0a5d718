import { LEASE_TTL_S, type JobRepository, type LeaseRepository, type StoredJob } from '@orderstream/cassandra';
import type { Segment } from '@orderstream/contracts';
import type { ActiveJob } from './active-job.js';

/** The lease of a job that runs here: who has it is the job's one writer. Every call rejects with the driver's error. */
export class JobLease {
  private endsAtMs = 0;
  private keeping: Promise<boolean> | undefined;
  private isReleased = false;

  constructor(
    private readonly stores: { readonly jobs: JobRepository; readonly leases: LeaseRepository },
    private readonly job: ActiveJob,
    private readonly owner: string,
  ) {}

  /**
   * Extends the lease. One that has run out is taken again, unless another process has gone on with the job meanwhile;
   * `onRevision` is then told what lies in the table. False when the job is another's now: write nothing more of it.
   */
  keep(onRevision: (revision: bigint) => void): Promise<boolean> {
    this.keeping ??= this.extend(onRevision).finally(() => (this.keeping = undefined));
    return this.keeping;
  }

  /** Throws when the lease was kept so long ago (the process stood still) that it may be another's by now. */
  requireFresh(): void {
    if (performance.now() >= this.endsAtMs) throw new Error(`the lease of job ${this.job.id} may have run out`);
  }

  /** For good: whoever asks to keep it from now on is told that it is not. Never rejects, for it runs out by itself. */
  async release(): Promise<void> {
    this.isReleased = true;
    await this.keeping?.catch(() => false); // or it would be taken again behind our back
    await this.free();
  }

  private free(): Promise<void> {
    return this.stores.leases.release(this.job.id, this.owner).catch(() => undefined);
  }

  private async extend(onRevision: (revision: bigint) => void): Promise<boolean> {
    if (this.isReleased) return false;
    const startedMs = performance.now();
    const kept = await this.stores.leases.keep(this.job.id, this.owner);
    if (!kept && !(await this.takeAgain(onRevision))) return false;
    this.endsAtMs = startedMs + LEASE_TTL_S * 1_000;
    return true;
  }

  private async takeAgain(onRevision: (revision: bigint) => void): Promise<boolean> {
    const { jobs, leases } = this.stores;
    if (!(await leases.take(this.job.id, this.owner))) return false;
    const found = await jobs.read(this.job.id);
    if (found && isOpen(found.job) && found.segments.every((segment) => isOf(this.job, segment.seq, segment))) {
      onRevision(found.job.revision);
      return true;
    }
    await this.free();
    return false;
  }
}

const isOpen = ({ state }: StoredJob): boolean => state === 'receiving' || state === 'interrupted';

/** Offsets are given once, so what another process has published for the job lies in no segment of this one. */
function isOf({ segments }: ActiveJob, seq: number, { topic, partition, base, count }: Segment): boolean {
  const mine = segments[seq];
  if (!mine) return false;
  return mine.topic === topic && mine.partition === partition && mine.base === base && mine.count >= count;
}
