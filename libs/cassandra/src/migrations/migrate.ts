import type { StreamDefinition } from '@orderstream/streams';
import type { CassandraSession } from '../session/cassandra-session.js';
import { checkForeignTables, isForeign } from './foreign-tables.js';
import { ensureKeyspace, type Replication } from './keyspace.js';
import { MigrationChangedError } from './migration-errors.js';
import { type Migration, migrationsOf } from './migration-list.js';
import { MigrationLock } from './migration-lock.js';
import { ensureMigrationTable, readMigrationLog, recordMigration } from './migration-log.js';
import { changeSchema } from './schema-change.js';
import { evolveTable } from './table-evolution.js';

export interface MigrateOptions {
  readonly streams: readonly StreamDefinition[];
  /** used only when the keyspace does not exist */
  readonly replication: Replication;
  readonly signal?: AbortSignal;
}

/**
 * Brings the session's keyspace to what this version needs and answers the names of what ran; one read when nothing
 * is to do. Any number of processes may call it at once: one works, the others wait for it. Tables of others are checked and left alone. Rejects with
 * ForeignTableError, MigrationChangedError, TableOutdatedError, SchemaDisagreementError, MigrationLockedError, or the driver's error.
 */
export async function migrate(session: CassandraSession, options: MigrateOptions): Promise<string[]> {
  await checkForeignTables(session, options.streams);
  const own = options.streams.filter((definition) => !isForeign(definition));
  const migrations = migrationsOf(session.keyspace, own);
  if ((await pendingOf(session, migrations)).length === 0) return [];
  await ensureKeyspace(session, options.replication, options.signal);
  await ensureMigrationTable(session, options.signal);
  const lock = new MigrationLock(session);
  await lock.take(options.signal);
  try {
    // Read again: whoever held the lock before may have done it all.
    const pending = await pendingOf(session, migrations);
    for (const migration of pending) await run(session, migration, lock, options.signal);
    return pending.map(({ name }) => name);
  } finally {
    // A lock that cannot be released runs out by itself; what happened before matters more.
    await lock.release().catch(() => undefined);
  }
}

async function pendingOf(session: CassandraSession, migrations: readonly Migration[]): Promise<Migration[]> {
  const checksumByName = await readMigrationLog(session);
  return migrations.filter(({ name, checksum, definition }) => {
    const recorded = checksumByName.get(name);
    if (recorded !== undefined && recorded !== checksum && !definition)
      throw new MigrationChangedError(name, session.keyspace);
    return recorded !== checksum;
  });
}

async function run(
  session: CassandraSession,
  migration: Migration,
  lock: MigrationLock,
  signal?: AbortSignal,
): Promise<void> {
  for (const [index, statement] of migration.statements.entries()) {
    await changeSchema(session, statement, signal, () => lock.keep());
    await lock.keep();
    // The first statement of a stream makes its table or finds an older one, which its indexes may not fit yet.
    if (index === 0 && migration.definition)
      await evolveTable(session, migration.definition, { onChanged: () => lock.keep(), signal });
  }
  await recordMigration(session, migration);
}
