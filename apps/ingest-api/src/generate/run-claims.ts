import { createHash, randomUUID } from 'node:crypto';
import {
  LEASE_TTL_S,
  type IdempotencyKeyRepository,
  type JobRepository,
  type LeaseRepository,
} from '@orderstream/cassandra';
import { wait } from '@orderstream/resilience';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import type { RunningJobs } from '../track/running-jobs.js';

/** How long a claim stands, s: a run without an end may go on for long, and one that ended frees its claim. */
export const CLAIM_TTL_S = 365 * 86_400;
const POLL_MS = 50;

export interface ClaimStores {
  readonly keys: IdempotencyKeyRepository;
  readonly jobs: JobRepository;
  readonly leases: LeaseRepository;
  readonly running: Pick<RunningJobs, 'reserve'>;
}

/** What was asked for, as text that is equal for equal queries, and of which stream. */
export interface RunQuery {
  readonly identity: string;
  readonly stream: string;
}

export interface RunClaim {
  /** the job of the run */
  readonly id: string;
  /** it is to be made by the caller, and runs nowhere */
  readonly isNew: boolean;
}

/**
 * Which run stands for a query, over all replicas: of two that ask at once one makes the run and the other answers it. Whoever
 * claims holds the lease of the job first, so that a claim whose job has neither a lease nor an end is a dead one's.
 */
export class RunClaims {
  constructor(private readonly stores: ClaimStores) {}

  /** The active run of the query, or a new one that is now the caller's to make. Throws `store_unavailable`. */
  async claim({ identity, stream }: RunQuery): Promise<RunClaim> {
    const { keys, running } = this.stores;
    const mine = { jobId: randomUUID(), stream, options: identity };
    return orStoreUnavailable(async () => {
      for (;;) {
        const reservedAtMs = performance.now();
        await running.reserve(mine.jobId);
        const earlier = await keys.claim(keyOf(identity), mine);
        if (!earlier) {
          if (performance.now() - reservedAtMs < LEASE_TTL_S * 500) return { id: mine.jobId, isNew: true };
          // The lease may have run out before the claim was seen, and another may have called it a dead one's.
          await running.reserve(mine.jobId);
          if ((await keys.find(keyOf(identity)))?.jobId === mine.jobId) return { id: mine.jobId, isNew: true };
          continue;
        }
        const standing = await this.standingOf(earlier.jobId);
        if (standing === 'active') return { id: earlier.jobId, isNew: false };
        if (standing === 'over') await keys.release(keyOf(identity), earlier.jobId);
        else await wait(POLL_MS);
      }
    });
  }

  /** The run has ended, or was never made. When this fails, the next claim finds out by itself. */
  async release({ identity }: RunQuery, id: string): Promise<void> {
    await this.stores.keys.release(keyOf(identity), id).catch(() => undefined);
  }

  private async standingOf(id: string): Promise<'active' | 'being-made' | 'over'> {
    const { jobs, leases } = this.stores;
    const isOwned = (await leases.ownerOf(id)) !== undefined;
    if (!isOwned) return 'over';
    const job = await jobs.find(id);
    if (!job) return 'being-made';
    return job.state === 'receiving' ? 'active' : 'over';
  }
}

/** No client can send a key with a space. */
const keyOf = (identity: string): string => `run ${createHash('sha256').update(identity).digest('hex')}`;
