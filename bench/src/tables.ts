import { connectWhenReady, createCassandra, migrate } from '@orderstream/cassandra';
import { loadStreams } from '@orderstream/streams';
import { DATA_CENTER, type Servers } from './servers.ts';

/** Rows of a table that are compared cell by cell. */
const SAMPLE_ROWS = 200;

/** The tables of the product, the same in each keyspace: every contender writes into its own. */
export async function createTables({ addresses }: Servers, keyspace: string): Promise<void> {
  const contactPoints = addresses.contactPoints.split(',');
  const session = createCassandra({ contactPoints, localDataCenter: DATA_CENTER, keyspace });
  try {
    await connectWhenReady(session, AbortSignal.timeout(60_000), () => undefined);
    await migrate(session, { streams: loadStreams({ topicPrefix: '' }), replication: 1 });
  } finally {
    await session.close();
  }
}

export interface TableShape {
  readonly table: string;
  readonly primaryKey: readonly string[];
  /** the columns that must agree */
  readonly columns: readonly string[];
}

/** Throws when rows of the one keyspace are not the same in the other: then the two did not do the same work. */
export async function assertSameRows(
  { client }: Servers,
  shape: TableShape,
  one: string,
  other: string,
): Promise<void> {
  const { table, primaryKey, columns } = shape;
  const list = [...new Set([...primaryKey, ...columns])].join(', ');
  const { rows } = await client.execute(`SELECT ${list} FROM ${one}.${table} LIMIT ${SAMPLE_ROWS}`);
  if (rows.length === 0) throw new Error(`${one}.${table} has no rows to compare`);
  const query = `SELECT ${list} FROM ${other}.${table} WHERE ${primaryKey.map((name) => `${name} = ?`).join(' AND ')}`;
  for (const row of rows) {
    const key = primaryKey.map((name): unknown => row[name]);
    const found = (await client.execute(query, key, { prepare: true })).first();
    const [expected, actual] = [JSON.stringify(row), JSON.stringify(found)];
    if (expected !== actual) throw new Error(`${table} differs: ${one} has ${expected}, ${other} has ${actual}`);
  }
}
