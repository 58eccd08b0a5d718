import { qualified } from '../cql/identifiers.js';
import type { CassandraSession } from '../session/cassandra-session.js';
import { textIn } from '../values/result-values.js';

/** A worker that stopped writing is gone from the list after this, s. */
export const WORKER_TTL_S = 6;

export interface Worker {
  readonly id: string;
  readonly address: string;
  /** JSON text, the caller's: assignment, rates, latencies, errors, stopped partitions */
  readonly status: string;
}

export const workerStatements = (keyspace: string) =>
  ({
    put: `INSERT INTO ${qualified(keyspace, 'workers')} (shard, id, address, status) VALUES ('all', ?, ?, ?) USING TTL ?`,
    remove: `DELETE FROM ${qualified(keyspace, 'workers')} WHERE shard = 'all' AND id = ?`,
    select: `SELECT id, address, status FROM ${qualified(keyspace, 'workers')} WHERE shard = 'all'`,
  }) as const;

/** The sinks that are alive. Every call rejects with the driver's error. */
export class WorkerRepository {
  private readonly statements: ReturnType<typeof workerStatements>;

  constructor(
    private readonly session: CassandraSession,
    private readonly ttlSeconds: number = WORKER_TTL_S,
  ) {
    this.statements = workerStatements(session.keyspace);
  }

  /** Says that the worker is alive; to be repeated well within the TTL. */
  async put(worker: Worker): Promise<void> {
    await this.session.execute(this.statements.put, [worker.id, worker.address, worker.status, this.ttlSeconds]);
  }

  /** Takes a worker that ends off the list at once. */
  async remove(id: string): Promise<void> {
    await this.session.execute(this.statements.remove, [id]);
  }

  async list(): Promise<Worker[]> {
    const { rows } = await this.session.execute(this.statements.select);
    return rows.map((row) => ({
      id: String(row['id']),
      address: textIn(row, 'address') ?? '',
      status: textIn(row, 'status') ?? '{}',
    }));
  }
}
