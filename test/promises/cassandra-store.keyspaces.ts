import { randomUUID } from 'node:crypto';
import { type CassandraSession, connectWhenReady, createCassandra, migrate } from '@orderstream/cassandra';
import { builtInStreams, defineStream } from '@orderstream/streams';

export const CONTACT_POINTS = (process.env['TEST_CASSANDRA_CONTACT_POINTS'] ?? '127.0.0.1:9042').split(',');
export const LOCAL_DATA_CENTER = process.env['TEST_CASSANDRA_LOCAL_DATA_CENTER'] ?? 'datacenter1';
/** Schema changes on a busy machine. */
export const SCHEMA_TIMEOUT_MS = 120_000;

/** Has a field whose name CQL reserves. */
export const EVERY_TYPE = defineStream({
  name: 'every-type',
  description: 'One field of each type.',
  key: { fields: ['id'], separator: '_' },
  primaryKey: { partition: ['id'], clustering: [] },
  orderId: 'id',
  fields: [
    { name: 'id', type: 'text', required: true },
    { name: 'an_int', type: 'int' },
    { name: 'a_bigint', type: 'bigint' },
    { name: 'a_decimal', type: 'decimal' },
    { name: 'a_timestamp', type: 'timestamp' },
    { name: 'a_date', type: 'date' },
    { name: 'a_boolean', type: 'boolean' },
    { name: 'a_uuid', type: 'uuid' },
    { name: 'order', type: 'text' },
  ],
});

export const STREAMS = [...builtInStreams(), EVERY_TYPE];
export const MIGRATION = { streams: STREAMS, replication: 1 };

/** Keyspaces and sessions of one test file; `close` drops and closes them all. */
export class TestKeyspaces {
  /** warnings of the server, of all sessions */
  readonly warnings: string[] = [];
  private readonly keyspaces: string[] = [];
  private readonly sessions: CassandraSession[] = [];

  /** the first one that was opened */
  get session(): CassandraSession {
    return this.sessions[0]!;
  }

  newKeyspace(): string {
    const keyspace = `t_store_${randomUUID().slice(0, 8)}`;
    this.keyspaces.push(keyspace);
    return keyspace;
  }

  /** A connected session; the keyspace is not created. */
  async sessionOn(keyspace = this.newKeyspace()): Promise<CassandraSession> {
    const session = createCassandra({
      contactPoints: CONTACT_POINTS,
      localDataCenter: LOCAL_DATA_CENTER,
      keyspace,
      onServerWarning: (messages) => this.warnings.push(...messages),
    });
    await connectWhenReady(session, AbortSignal.timeout(60_000));
    this.sessions.push(session);
    return session;
  }

  async close(): Promise<void> {
    const drop = (keyspace: string) =>
      this.sessions[0]?.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`, [], {
        prepared: false,
        requestTimeoutMs: 30_000,
      });
    for (const keyspace of this.keyspaces) await drop(keyspace);
    for (const session of this.sessions) await session.close();
  }
}

/** For the tests of one file: `session` is on a keyspace that is migrated before the first of them. */
export function migratedKeyspace(): TestKeyspaces {
  const keyspaces = new TestKeyspaces();
  beforeAll(async () => migrate(await keyspaces.sessionOn(), MIGRATION), SCHEMA_TIMEOUT_MS);
  afterAll(() => keyspaces.close(), SCHEMA_TIMEOUT_MS);
  return keyspaces;
}

/** Asks until the condition holds; the test's own time-out ends it otherwise. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
