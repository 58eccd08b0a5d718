import { qualified } from '../cql/identifiers.js';
import type { CassandraSession } from '../session/cassandra-session.js';

export function latencyStatements(keyspace: string) {
  const latencies = qualified(keyspace, 'run_latencies');
  return {
    insert: `INSERT INTO ${latencies} (job_id, latencies_ms) VALUES (?, ?)`,
    select: `SELECT latencies_ms FROM ${latencies} WHERE job_id = ?`,
  } as const;
}

/** What the probes of a run measured, whole ms. Every call rejects with the driver's error. */
export class LatencyRepository {
  private readonly statements: ReturnType<typeof latencyStatements>;

  constructor(private readonly session: CassandraSession) {
    this.statements = latencyStatements(session.keyspace);
  }

  async put(jobId: string, latenciesMs: readonly number[]): Promise<void> {
    await this.session.execute(this.statements.insert, [jobId, [...latenciesMs]]);
  }

  /** Undefined when none were written. */
  async find(jobId: string): Promise<readonly number[] | undefined> {
    const { rows } = await this.session.execute(this.statements.select, [jobId]);
    return (rows[0]?.['latencies_ms'] as readonly number[] | null | undefined) ?? undefined;
  }
}
