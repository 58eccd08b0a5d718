import type { CassandraSession } from '../session/cassandra-session.js';
import { textIn } from '../values/result-values.js';
import { leaseStatements } from './job-statements.js';

/** A lease not kept for this long is free again, s. */
export const LEASE_TTL_S = 5;

/**
 * Who runs a job. Lightweight transactions: of two processes that want a job one gets it. No lease and `receiving`
 * means interrupted, without comparing clocks. Every call rejects with the driver's error.
 */
export class LeaseRepository {
  private readonly statements: ReturnType<typeof leaseStatements>;

  constructor(
    private readonly session: CassandraSession,
    private readonly ttlSeconds: number = LEASE_TTL_S,
  ) {
    this.statements = leaseStatements(session.keyspace);
  }

  /** True when `owner` now holds the lease; also when it held it already. */
  async take(jobId: string, owner: string): Promise<boolean> {
    return (await this.transact(this.statements.take, [jobId, owner, this.ttlSeconds], owner)) === owner;
  }

  /** Extends the lease by its TTL. False when it was lost: stop the job's work. */
  async keep(jobId: string, owner: string): Promise<boolean> {
    return (await this.transact(this.statements.keep, [this.ttlSeconds, owner, jobId, owner], owner)) === owner;
  }

  /** Frees the lease when `owner` holds it. */
  async release(jobId: string, owner: string): Promise<void> {
    await this.transact(this.statements.release, [jobId, owner], owner);
  }

  /** Undefined when nobody runs the job. */
  async ownerOf(jobId: string): Promise<string | undefined> {
    const { rows } = await this.session.execute(this.statements.select, [jobId]);
    return rows[0] && textIn(rows[0], 'owner');
  }

  private async transact(query: string, params: readonly unknown[], owner: string): Promise<string | undefined> {
    const { rows } = await this.session.execute(query, params, { idempotent: false });
    const [row] = rows;
    return row?.['[applied]'] === true ? owner : row && textIn(row, 'owner');
  }
}
