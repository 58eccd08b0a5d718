import { classify, type RecordTable, type FoundRecord } from '@orderstream/cassandra';
import { ProblemError } from '@orderstream/contracts';
import type { LineageReader, OrderLineage } from './order-lineage.js';

export interface FoundOrder {
  readonly stream: string;
  readonly record: Readonly<Record<string, unknown>>;
  /** other streams that have an order of this id, older by write time */
  readonly alsoIn?: readonly string[];
  /** where the row came from, when it was asked for */
  readonly lineage?: OrderLineage | null;
}

/** A stream whose records are orders, with its topic and table. */
export interface OrderTable {
  readonly stream: string;
  readonly topic: string;
  readonly table: RecordTable;
}

type Hit = FoundRecord & Pick<OrderTable, 'stream' | 'topic'>;

/** Looks in every stream that says its records are orders; the newest write time answers. */
export class OrderLookup {
  constructor(
    private readonly tables: readonly OrderTable[],
    private readonly lineages: LineageReader,
  ) {}

  /** Throws `order_not_found` and `store_unavailable`. */
  async find(id: string, { lineage = false } = {}): Promise<FoundOrder> {
    const found = await Promise.all(this.tables.map((place) => this.newestIn(place, id)));
    const hits = found
      .filter((hit) => hit !== undefined)
      .sort((a, b) => (a.writeTimeMicros < b.writeTimeMicros ? 1 : -1));
    const [newest, ...older] = hits;
    if (!newest) {
      const streams = this.tables.map(({ stream }) => stream).join(', ');
      throw new ProblemError(
        'order_not_found',
        `no order ${JSON.stringify(id)} in ${streams}; one just sent may be on its way`,
      );
    }
    const alsoIn = older.map(({ stream }) => stream);
    return {
      stream: newest.stream,
      record: newest.record,
      ...(alsoIn.length > 0 && { alsoIn }),
      ...(lineage && { lineage: await this.lineages.of(newest.topic, newest) }),
    };
  }

  private async newestIn({ stream, topic, table }: OrderTable, id: string): Promise<Hit | undefined> {
    try {
      const [newest] = await table.findByOrderId(id);
      return newest && { ...newest, stream, topic };
    } catch (error) {
      if (classify(error).class === 'permanent') return undefined; // Cassandra says that no such key can exist
      throw new ProblemError('store_unavailable', 'Cassandra did not answer; try again', {
        retryAfterSeconds: 1,
        cause: error,
      });
    }
  }
}
