import { failureOf, KafkaSendError, type PartitionProducer } from '@orderstream/kafka';
import type { Metrics } from '@orderstream/observability';
import { withDeadline } from '@orderstream/resilience';
import type { WriteOutcome } from '../write/write-outcome.js';
import { chunksOf, dueIn, type Chunk, type WrittenBatch } from './derived-chunks.js';
import type { DerivedByIndex } from './derived-record.js';

const NOT_PUBLISHED: WriteOutcome = Object.freeze({ kind: 'waiting', reason: 'derived_not_published' });

/** Publishes the derived records of what is stored, before the offsets are committed. */
export class DerivedPublisher {
  constructor(
    private readonly producer: PartitionProducer,
    private readonly metrics: Metrics,
  ) {}

  /**
   * The outcomes again, in which a stored record waits whose derived one Kafka has not acknowledged within `deadlineMs`.
   * Nothing is published of what comes again with the next fetch. Never rejects.
   */
  async publish(topic: string | undefined, batch: WrittenBatch, deadlineMs: number): Promise<readonly WriteOutcome[]> {
    if (topic === undefined) return batch.written;
    const due = dueIn(batch);
    if (due.size === 0) return batch.written;
    const outcomes = batch.written.map((outcome, index) => (due.has(index) ? NOT_PUBLISHED : outcome));
    const acknowledge = ({ indexes }: Chunk): void =>
      indexes.forEach((index) => (outcomes[index] = batch.written[index]!));
    const fail = (indexes: Iterable<number>, error: unknown): void => {
      if (!isTransient(error)) for (const index of indexes) outcomes[index] = { kind: 'unknown', error };
    };
    const work = this.sendAll(topic, due, { deadlineMs, acknowledge, fail }).catch((error: unknown) =>
      fail(due.keys(), error),
    );
    await withDeadline(work, deadlineMs, () => new Error('late')).catch(() => undefined);
    // A copy, for what is answered after the deadline changes nothing any more.
    return [...outcomes];
  }

  private async sendAll(topic: string, due: DerivedByIndex, { deadlineMs, acknowledge, fail }: Sending): Promise<void> {
    const signal = AbortSignal.timeout(Math.max(1, Math.ceil(deadlineMs)));
    const partitions = await this.producer.partitionCount(topic);
    const sends = chunksOf(due, partitions).map(async (chunk) => {
      try {
        await this.producer.send(topic, chunk.partition, chunk.messages, { signal });
        this.metrics.counters.rowsDerived.inc({ topic, partition: chunk.partition }, chunk.messages.length);
        acknowledge(chunk);
      } catch (error) {
        fail(chunk.indexes, error);
      }
    });
    await Promise.all(sends);
  }
}

interface Sending {
  readonly deadlineMs: number;
  readonly acknowledge: (chunk: Chunk) => void;
  readonly fail: (indexes: Iterable<number>, error: unknown) => void;
}

/** What Kafka can take later. What it refuses for good stops the partition loudly: its rows are stored already. */
function isTransient(error: unknown): boolean {
  if (error instanceof KafkaSendError) return error.retriable || error.code === 'aborted';
  return failureOf(error).retriable;
}
