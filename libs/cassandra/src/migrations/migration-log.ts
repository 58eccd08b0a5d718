import { createHash } from 'node:crypto';
import { qualified } from '../cql/identifiers.js';
import { classify } from '../failures/classify.js';
import type { CassandraSession } from '../session/cassandra-session.js';
import { textIn } from '../values/result-values.js';
import type { Migration } from './migration-list.js';
import { changeSchema, onceHeardOf } from './schema-change.js';

/** A row of this name is the lock, see `migration-lock.ts`; it has no checksum. */
export const LOCK_NAME = 'lock';

export const migrationTable = (keyspace: string): string => qualified(keyspace, 'schema_migrations');

/**
 * The table of what ran. Its id is fixed: before it there is no lock, and two nodes that create one table at the same
 * instant would otherwise each give it an id of their own and never agree.
 */
export async function ensureMigrationTable(session: CassandraSession, signal?: AbortSignal): Promise<void> {
  const table = migrationTable(session.keyspace);
  const create = `CREATE TABLE IF NOT EXISTS ${table} (name text PRIMARY KEY, checksum text, owner text, applied_at timestamp)`;
  try {
    await changeSchema(session, `${create} WITH id = ${tableId(table)}`, signal);
  } catch (error) {
    // Some hosted clusters let nobody choose an id.
    if (classify(error).class === 'transient' || signal?.aborted) throw error;
    await changeSchema(session, create, signal);
  }
}

/** Checksums by name of what ran; empty when nothing did, for want of the table or the keyspace too. */
export async function readMigrationLog(session: CassandraSession): Promise<Map<string, string>> {
  const checksumByName = new Map<string, string>();
  try {
    // Not prepared: of a statement whose table was dropped, the driver says "unprepared" and not what is missing.
    const select = `SELECT name, checksum FROM ${migrationTable(session.keyspace)}`;
    const { rows } = await onceHeardOf(() => session.execute(select, [], { prepared: false }));
    for (const row of rows) {
      const checksum = textIn(row, 'checksum');
      if (checksum !== undefined) checksumByName.set(String(row['name']), checksum);
    }
  } catch (error) {
    if (classify(error).code !== 'schema_missing') throw error;
  }
  return checksumByName;
}

export async function recordMigration(session: CassandraSession, { name, checksum }: Migration): Promise<void> {
  const insert = `INSERT INTO ${migrationTable(session.keyspace)} (name, checksum, applied_at) VALUES (?, ?, toTimestamp(now()))`;
  await onceHeardOf(() => session.execute(insert, [name, checksum]));
}

function tableId(table: string): string {
  const hex = createHash('sha256').update(table).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
