import { identifier } from '../cql/identifiers.js';
import type { CassandraSession } from '../session/cassandra-session.js';
import { changeSchema } from './schema-change.js';

/** Copies of every row: in the local data centre, or by the name of each data centre. */
export type Replication = number | Readonly<Record<string, number>>;

const DATA_CENTER = /^[\w.-]+$/;

/** Creates the keyspace where it is absent. Where it exists nothing is asked of the user's rights or its replication. */
export async function ensureKeyspace(
  session: CassandraSession,
  replication: Replication,
  signal?: AbortSignal,
): Promise<void> {
  const { keyspace } = session;
  identifier(keyspace);
  const found = await session.execute('SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?', [
    keyspace,
  ]);
  if (found.rows.length === 0)
    await changeSchema(session, createKeyspace(keyspace, session.localDataCenter, replication), signal);
}

/** Throws RangeError for a factor below 1 or an impossible name of a data centre. */
export function createKeyspace(keyspace: string, localDataCenter: string, replication: Replication): string {
  const factors = typeof replication === 'number' ? { [localDataCenter]: replication } : replication;
  const entries = Object.entries(factors).map(([dataCenter, factor]) => {
    if (!DATA_CENTER.test(dataCenter) || !Number.isInteger(factor) || factor < 1) {
      throw new RangeError(
        `Replication needs a data centre's name and a factor of 1 or more, got ${dataCenter}: ${factor}`,
      );
    }
    return `'${dataCenter}': ${factor}`;
  });
  const options = ["'class': 'NetworkTopologyStrategy'", ...entries].join(', ');
  return `CREATE KEYSPACE IF NOT EXISTS ${identifier(keyspace)} WITH replication = {${options}}`;
}
