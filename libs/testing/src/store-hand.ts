import { connectWhenReady, createCassandra, type CassandraSession, type ResultRow } from '@orderstream/cassandra';

const CONNECT_MS = 60_000;
const REQUEST_MS = 30_000;

/** Somebody at a CQL shell, who writes past the product. */
export class StoreHand {
  private constructor(private readonly session: CassandraSession) {}

  static async connect(contactPoints: string, keyspace: string): Promise<StoreHand> {
    const session = createCassandra({
      contactPoints: contactPoints.split(','),
      localDataCenter: 'datacenter1',
      keyspace,
    });
    await connectWhenReady(session, AbortSignal.timeout(CONNECT_MS));
    return new StoreHand(session);
  }

  /** `{keyspace}` in the statement stands for the keyspace. What changes something is asked for once, and may take long. */
  async run(cql: string, params: readonly unknown[] = []): Promise<readonly ResultRow[]> {
    const options = { idempotent: /^\s*SELECT\b/i.test(cql), requestTimeoutMs: REQUEST_MS };
    return (await this.session.execute(cql.replaceAll('{keyspace}', this.session.keyspace), params, options)).rows;
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
