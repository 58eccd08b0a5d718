import { ProblemError, type RowFault } from '@orderstream/contracts';
import { KafkaSendError, partitionOf, type PartitionProducer } from '@orderstream/kafka';
import { RowFaults, type CompiledStream, type Row } from '@orderstream/streams';
import { encodeSingle } from './encode-row.js';
import type { ValueEncoding } from './value-encoding.js';
import type { WriteClock } from './write-clock.js';

export interface Receipt {
  readonly stream: string;
  readonly key: string;
  /** `topic:partition:offset` of the record */
  readonly receipt: string;
}

/** A record of its own: it goes before the rows of uploads, needs no job and no Cassandra. */
export class SinglePublisher {
  constructor(
    private readonly producer: PartitionProducer,
    private readonly clock: WriteClock,
    private readonly values: ValueEncoding,
    private readonly timeoutMs: number,
  ) {}

  /** Resolves when Kafka has acknowledged it. Throws `invalid_record` with everything that is wrong with it. */
  async publish(stream: CompiledStream, row: Row | RowFaults): Promise<Receipt> {
    if (row instanceof RowFaults) throw invalid(row.faults);
    const message = encodeSingle(this.values.of(stream), row, this.clock.next());
    if ('code' in message) throw invalid([message]);
    const key = stream.keyOf(row);
    try {
      const partition = partitionOf(key, await this.producer.partitionCount(stream.topic));
      const signal = AbortSignal.timeout(this.timeoutMs);
      const { baseOffset } = await this.producer.send(stream.topic, partition, [message], { priority: true, signal });
      return { stream: stream.name, key, receipt: `${stream.topic}:${partition}:${baseOffset}` };
    } catch (error) {
      if (!(error instanceof KafkaSendError) || !error.retriable) throw error;
      throw new ProblemError('broker_unavailable', 'Kafka did not acknowledge the record; send it again', {
        retryAfterSeconds: 2,
        cause: error,
      });
    }
  }
}

function invalid(faults: readonly RowFault[]): ProblemError {
  const errors = faults.map(({ code, column, value, reason }) => ({
    code,
    detail: reason,
    ...(column !== undefined && { column }),
    ...(value !== undefined && { value: value.slice(0, 200) }),
  }));
  return new ProblemError('invalid_record', faults.map(({ reason }) => reason).join(' '), { errors });
}
