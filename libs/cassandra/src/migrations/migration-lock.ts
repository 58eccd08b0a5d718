import { randomUUID } from 'node:crypto';
import { retryUntil, wait } from '@orderstream/resilience';
import type { CassandraSession } from '../session/cassandra-session.js';
import { textIn } from '../values/result-values.js';
import { MigrationLockedError } from './migration-errors.js';
import { LOCK_NAME, migrationTable } from './migration-log.js';
import { mayBeHeardOf } from './schema-change.js';

/** A process that dies while migrating holds up the others no longer than this, s. */
const LOCK_TTL_S = 60;
const POLL_MS = 200;
const TRIES = 20;
/** A process that works keeps it; a cluster that is slow to agree on its schema can take minutes. */
const GIVE_UP_MS = 15 * LOCK_TTL_S * 1_000;

/** Held by one process at a time, by lightweight transactions. `keep` extends it by its TTL. */
export class MigrationLock {
  private readonly table: string;
  private readonly owner = randomUUID();

  constructor(private readonly session: CassandraSession) {
    this.table = migrationTable(session.keyspace);
  }

  /** Resolves once held. Rejects with MigrationLockedError after a quarter of an hour, or the signal's reason. */
  async take(signal?: AbortSignal): Promise<void> {
    const insert = `INSERT INTO ${this.table} (name, owner) VALUES ('${LOCK_NAME}', ?) IF NOT EXISTS USING TTL ${LOCK_TTL_S}`;
    for (let waitedMs = 0; ; waitedMs += POLL_MS) {
      const holder = await this.transact(insert, [this.owner]);
      if (holder === this.owner) return;
      if (waitedMs >= GIVE_UP_MS) throw new MigrationLockedError(this.session.keyspace, String(holder));
      await wait(POLL_MS, signal);
    }
  }

  async keep(): Promise<void> {
    const update = `UPDATE ${this.table} USING TTL ${LOCK_TTL_S} SET owner = ? WHERE name = '${LOCK_NAME}' IF owner = ?`;
    await this.transact(update, [this.owner, this.owner]);
  }

  async release(): Promise<void> {
    await this.transact(`DELETE FROM ${this.table} WHERE name = '${LOCK_NAME}' IF owner = ?`, [this.owner]);
  }

  /** The owner after the transaction. One that was applied without our knowing finds us as the owner. */
  private async transact(query: string, params: readonly unknown[]): Promise<string | undefined> {
    const { rows } = await retryUntil(() => this.session.execute(query, params, { idempotent: false }), {
      initialMs: POLL_MS,
      maxMs: 2_000,
      shouldRetry: (error, attempt) => attempt < TRIES && mayBeHeardOf(error),
    });
    const [row] = rows;
    return row?.['[applied]'] === true ? this.owner : row && textIn(row, 'owner');
  }
}
