import { connectWhenReady, createCassandra, qualified, type CassandraSession } from '@orderstream/cassandra';
import type { Sandbox } from './sandbox.js';

const CONNECT_MS = 60_000;
const SCHEMA_MS = 60_000;

/**
 * The orders table as somebody made it anew by hand, with a uuid where the quantity belongs: Cassandra calls every row
 * invalid, so every row gets a dead letter, of one cause. To be made and mended while the sink has nothing to write.
 */
export class BrokenTable {
  private constructor(
    private readonly session: CassandraSession,
    private readonly table: string,
    private readonly sound: string,
  ) {}

  static async make({ options, keyspace }: Sandbox): Promise<BrokenTable> {
    const session = createCassandra({
      contactPoints: options.contactPoints.split(','),
      localDataCenter: 'datacenter1',
      keyspace,
    });
    await connectWhenReady(session, AbortSignal.timeout(CONNECT_MS));
    const table = qualified(keyspace, 'orders');
    const { rows } = await session.execute(`DESCRIBE TABLE ${table}`, [], { prepared: false });
    const sound = String(rows[0]!['create_statement']);
    const broken = new BrokenTable(session, table, sound);
    await broken.replace(sound.replace('quantity int', 'quantity uuid'));
    return broken;
  }

  async mend(): Promise<void> {
    await this.replace(this.sound);
    await this.session.close();
  }

  private async replace(create: string): Promise<void> {
    for (const cql of [`DROP TABLE ${this.table}`, create])
      await this.session.execute(cql, [], { prepared: false, requestTimeoutMs: SCHEMA_MS });
  }
}
