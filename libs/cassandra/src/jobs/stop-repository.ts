import { qualified } from '../cql/identifiers.js';
import type { CassandraSession } from '../session/cassandra-session.js';

/** A request that nobody has read for this long is void, s: a job that is resumed later is not stopped by it. */
export const STOP_REQUEST_TTL_S = 30;

export function stopStatements(keyspace: string) {
  const stops = qualified(keyspace, 'job_stops');
  return {
    request: `INSERT INTO ${stops} (job_id, requested_at) VALUES (?, ?) USING TTL ${STOP_REQUEST_TTL_S}`,
    select: `SELECT job_id FROM ${stops} WHERE job_id = ?`,
  } as const;
}

/** How one process asks another to stop the job that it runs. Every call rejects with the driver's error. */
export class StopRepository {
  private readonly statements: ReturnType<typeof stopStatements>;

  constructor(private readonly session: CassandraSession) {
    this.statements = stopStatements(session.keyspace);
  }

  async request(jobId: string): Promise<void> {
    await this.session.execute(this.statements.request, [jobId, new Date()]);
  }

  async isRequested(jobId: string): Promise<boolean> {
    const { rows } = await this.session.execute(this.statements.select, [jobId]);
    return rows.length > 0;
  }
}
