import { randomUUID } from 'node:crypto';
import { wait } from '@orderstream/resilience';
import type { CassandraSession } from '../session/cassandra-session.js';
import { textIn } from '../values/result-values.js';
import { leaseStatements } from './job-statements.js';

/** A lease not kept for this long is free again, s. */
export const LEASE_TTL_S = 5;

/** Begins the name of an owner that only writes counts down: it does not run the job, and is gone in a moment. */
const SETTLER = 'settler/';
/** How often a lease that a settler holds is asked for again, ms. */
const AGAIN_MS = 20;

/**
 * Who runs a job. Lightweight transactions: of two processes that want a job one gets it. No lease and `receiving`
 * means interrupted, without comparing clocks. To take or to keep a lease comes to the same when it is carried out twice, so
 * it is repeated as reads are. Every call rejects with the driver's error.
 */
export class LeaseRepository {
  private readonly statements: ReturnType<typeof leaseStatements>;

  constructor(
    private readonly session: CassandraSession,
    private readonly ttlSeconds: number = LEASE_TTL_S,
  ) {
    this.statements = leaseStatements(session.keyspace);
  }

  /**
   * True when `owner` now holds the lease; also when it held it already. One that is held to settle the job is waited
   * for, no longer than it lives.
   */
  async take(jobId: string, owner: string): Promise<boolean> {
    const endsAt = Date.now() + this.ttlSeconds * 1_000;
    for (;;) {
      const holder = await this.transact(this.statements.take, [jobId, owner, this.ttlSeconds], owner);
      if (!holder?.startsWith(SETTLER) || Date.now() >= endsAt) return holder === owner;
      await wait(AGAIN_MS);
    }
  }

  /**
   * The outcome of the work, during which nobody runs, resumes or repairs the job; undefined when somebody does already.
   * The work must be over, or have asked `isOver` before it writes, within the TTL.
   */
  async settling<T>(jobId: string, work: (isOver: () => boolean) => Promise<T>): Promise<T | undefined> {
    const settler = SETTLER + randomUUID();
    const endsAtMs = performance.now() + this.ttlSeconds * 1_000;
    const holder = await this.transact(this.statements.take, [jobId, settler, this.ttlSeconds], settler);
    if (holder !== settler) return undefined;
    try {
      return await work(() => performance.now() >= endsAtMs);
    } finally {
      await this.release(jobId, settler).catch(() => undefined); // it runs out by itself
    }
  }

  /** Extends the lease by its TTL. False when it was lost: stop the job's work. */
  async keep(jobId: string, owner: string): Promise<boolean> {
    return (await this.transact(this.statements.keep, [this.ttlSeconds, owner, jobId, owner], owner)) === owner;
  }

  /** Frees the lease when `owner` holds it. Tried once: what comes late could free a lease that was taken since. */
  async release(jobId: string, owner: string): Promise<void> {
    await this.session.execute(this.statements.release, [jobId, owner], { idempotent: false });
  }

  /** Undefined when nobody runs the job. */
  async ownerOf(jobId: string): Promise<string | undefined> {
    const { rows } = await this.session.execute(this.statements.select, [jobId]);
    const owner = rows[0] && textIn(rows[0], 'owner');
    return owner?.startsWith(SETTLER) ? undefined : owner;
  }

  private async transact(query: string, params: readonly unknown[], owner: string): Promise<string | undefined> {
    const { rows } = await this.session.execute(query, params);
    const [row] = rows;
    return row?.['[applied]'] === true ? owner : row && textIn(row, 'owner');
  }
}
