import type { PartitionOrder, PartitionOrderRepository, StoredPartitionOrder } from '@orderstream/cassandra';
import type { BatchServerKafka, StoppedPartition } from '@orderstream/kafka';
import type { Log } from '@orderstream/observability';
import { withDeadline } from '@orderstream/resilience';
import type { StreamRegistry } from '@orderstream/streams';
import { stopReasonOf } from '../consume/stop-reason.js';
import type { DeadLetterWriter } from '../reject/dead-letter-writer.js';
import { skippedRecord } from '../reject/skipped-record.js';

/** Less than the row of a worker lives: a letter that takes longer is tried again with the next report. */
const LETTER_DEADLINE_MS = 3_000;

export interface PartitionOrderParts {
  readonly orders: Pick<PartitionOrderRepository, 'list' | 'remove'>;
  readonly consumer: Pick<BatchServerKafka, 'stoppedPartitions' | 'retryPartition' | 'skipRecord'>;
  readonly letters: Pick<DeadLetterWriter, 'write'>;
  readonly streams: Pick<StreamRegistry, 'byTopic'>;
}

/** Carries out what an operator orders for the stopped partitions of this worker. */
export class PartitionOrders {
  constructor(
    private readonly parts: PartitionOrderParts,
    private readonly log: Log,
  ) {}

  /**
   * Looks for orders only while a partition is stopped. An order counts for the one offset that it names: the same
   * order twice, or one that comes late, does nothing. Answers how many were carried out; never rejects.
   */
  async carryOut(): Promise<number> {
    if (this.parts.consumer.stoppedPartitions().length === 0) return 0;
    try {
      let done = 0;
      for (const order of await this.parts.orders.list()) if (await this.follow(order)) done++;
      return done;
    } catch (error) {
      this.log.debug({ reason: (error as Error).message }, 'orders for stopped partitions could not be read');
      return 0;
    }
  }

  private async follow({ id, ...order }: StoredPartitionOrder): Promise<boolean> {
    const stopped = this.stoppedAt(order);
    if (!stopped) return false;
    const { topic, partition, offset, action } = order;
    try {
      if (action === 'skip') await this.writeLetter(stopped);
      if (!this.goOn(order)) return false; // it has left this worker meanwhile
      this.log.warn({ topic, partition, offset, action }, 'partition goes on by order of an operator');
      await this.parts.orders.remove(id); // or its TTL does
      return true;
    } catch (error) {
      this.log.warn(
        { topic, partition, offset, action, error },
        'an order for a stopped partition could not be followed',
      );
      return false;
    }
  }

  private goOn({ topic, partition, offset, action }: PartitionOrder): boolean {
    const { consumer } = this.parts;
    if (action === 'retry') return consumer.retryPartition({ topic, partition });
    return consumer.skipRecord({ topic, partition }, offset) !== undefined;
  }

  private stoppedAt({ topic, partition, offset }: PartitionOrder): StoppedPartition | undefined {
    return this.parts.consumer
      .stoppedPartitions()
      .find((each) => each.topic === topic && each.partition === partition && each.offset === offset);
  }

  private async writeLetter(stopped: StoppedPartition): Promise<void> {
    const stream = this.parts.streams.byTopic(stopped.topic);
    const refusal = stream && skippedRecord(stream, stopped, stopReasonOf(stopped));
    if (!refusal) throw new Error(`${stopped.topic}-${stopped.partition} did not stop at a record; retry it`);
    const late = (): Error => new Error(`the letter was not acknowledged within ${LETTER_DEADLINE_MS} ms`);
    const written = this.parts.letters.write([refusal], AbortSignal.timeout(LETTER_DEADLINE_MS));
    await withDeadline(written, LETTER_DEADLINE_MS, late);
  }
}
