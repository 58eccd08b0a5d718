import { existsSync } from 'node:fs';
import { connectWhenReady, createCassandra, readColumns, readUserTypes } from '@orderstream/cassandra';
import { cassandraOptionsOf, COMMON_SETTINGS, readSettings } from '@orderstream/settings';
import { definitionOfTable, InferenceError, type Inferred, type TableColumn } from '@orderstream/streams';

const CONNECT_MS = 10_000;

/** Asks the Cassandra of the settings (environment, and `.env` where the command is given). */
export async function inferFromTable(qualifiedTable: string, name: string): Promise<Inferred> {
  const [keyspace, table, ...more] = qualifiedTable.split('.');
  if (!keyspace || !table || more.length > 0)
    throw new InferenceError(`--table is written KEYSPACE.TABLE, got ${qualifiedTable}`);
  if (existsSync('.env')) process.loadEnvFile('.env');
  const session = createCassandra({ ...cassandraOptionsOf(readSettings(COMMON_SETTINGS, process.env)), keyspace });
  try {
    const late = new InferenceError('Cassandra did not answer within 10 s: see CASSANDRA_CONTACT_POINTS');
    const stop = AbortSignal.timeout(CONNECT_MS);
    await connectWhenReady(session, stop, () => undefined).catch((error: unknown) => {
      throw stop.aborted ? late : error;
    });
    const found = await readColumns(session, { keyspace, table });
    const columns = [...found].map(([column, { kind, clusteringOrder, ...rest }]) => ({
      ...rest,
      name: column,
      kind: kind as TableColumn['kind'],
      order: clusteringOrder as TableColumn['order'],
    }));
    return definitionOfTable({ keyspace, table }, columns, name, await readUserTypes(session, keyspace));
  } finally {
    await session.close();
  }
}
