import type { PartitionOrderRepository } from '@orderstream/cassandra';
import {
  ProblemError,
  type PartitionAction,
  type PartitionOrderView,
  type StoppedPartitionView,
} from '@orderstream/contracts';
import type { StreamRegistry } from '@orderstream/streams';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import { streamNamed } from '../problems/stream-named.js';
import type { Workers } from './workers.js';

/** The way out of a stop: orders go through Cassandra to whichever sink owns the partition. */
export class StoppedPartitions {
  constructor(
    private readonly streams: StreamRegistry,
    private readonly workers: Pick<Workers, 'list'>,
    private readonly orders: Pick<PartitionOrderRepository, 'put'>,
  ) {}

  /**
   * Orders it for the record at which the partition stands, and for no other. Throws `stream_not_found`,
   * `partition_not_stopped` or `store_unavailable`.
   */
  async order(name: string, partition: number, action: PartitionAction): Promise<PartitionOrderView> {
    const { name: stream, topic } = streamNamed(this.streams, name);
    const { offset } = await this.stopped(topic, partition);
    await orStoreUnavailable(() => this.orders.put({ topic, partition, offset, action }));
    return { stream, partition, offset, action };
  }

  /** Of two that report it, the one that is further: the row of a sink that is gone lives some seconds longer. */
  private async stopped(topic: string, partition: number): Promise<StoppedPartitionView> {
    const all = (await this.workers.list()).flatMap(({ stopped }) => stopped);
    const here = all.filter((each) => each.topic === topic && each.partition === partition);
    const [furthest] = here.sort((a, b) => Number(BigInt(b.offset) - BigInt(a.offset)));
    if (furthest) return furthest;
    throw new ProblemError(
      'partition_not_stopped',
      `no sink reports partition ${partition} of ${topic} as stopped; GET /workers lists those that are`,
    );
  }
}
