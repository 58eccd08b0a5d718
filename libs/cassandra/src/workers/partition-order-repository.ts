import cassandra from 'cassandra-driver';
import type { PartitionAction } from '@orderstream/contracts';
import { qualified } from '../cql/identifiers.js';
import type { CassandraSession } from '../session/cassandra-session.js';
import { numberIn, textIn } from '../values/result-values.js';

/** An order that nobody has carried out for this long is void, s: its operator has looked again by then. */
export const PARTITION_ORDER_TTL_S = 30;

/** What is to become of the record at which a partition has stopped. */
export interface PartitionOrder {
  readonly topic: string;
  readonly partition: number;
  /** of that record, a decimal string: an order for another one is void */
  readonly offset: string;
  readonly action: PartitionAction;
}

export interface StoredPartitionOrder extends PartitionOrder {
  readonly id: string;
}

export function partitionOrderStatements(keyspace: string) {
  const orders = qualified(keyspace, 'partition_orders');
  return {
    put: `INSERT INTO ${orders} (shard, id, topic, partition, kafka_offset, action) VALUES ('all', ?, ?, ?, ?, ?) USING TTL ${PARTITION_ORDER_TTL_S}`,
    remove: `DELETE FROM ${orders} WHERE shard = 'all' AND id = ?`,
    select: `SELECT id, topic, partition, kafka_offset, action FROM ${orders} WHERE shard = 'all'`,
  } as const;
}

/** How the API tells a sink, whichever owns the partition, to go on with it. Every call rejects with the driver's error. */
export class PartitionOrderRepository {
  private readonly statements: ReturnType<typeof partitionOrderStatements>;

  constructor(private readonly session: CassandraSession) {
    this.statements = partitionOrderStatements(session.keyspace);
  }

  async put({ topic, partition, offset, action }: PartitionOrder): Promise<void> {
    const id = cassandra.types.TimeUuid.now();
    await this.session.execute(this.statements.put, [id, topic, partition, BigInt(offset), action]);
  }

  /** Takes an order that was carried out off the list; a newer one for the same partition is another row. */
  async remove(id: string): Promise<void> {
    await this.session.execute(this.statements.remove, [id]);
  }

  /** The oldest first. */
  async list(): Promise<StoredPartitionOrder[]> {
    const { rows } = await this.session.execute(this.statements.select);
    return rows.map((row) => ({
      id: String(row['id']),
      topic: textIn(row, 'topic') ?? '',
      partition: numberIn(row, 'partition') ?? 0,
      offset: textIn(row, 'kafka_offset') ?? '0',
      action: textIn(row, 'action') === 'skip' ? 'skip' : 'retry',
    }));
  }
}
