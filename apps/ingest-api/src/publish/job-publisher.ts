import { performance } from 'node:perf_hooks';
import type { RowFault } from '@orderstream/contracts';
import { partitionOf, type OutMessage, type PartitionProducer, type SendResult } from '@orderstream/kafka';
import type { CompiledStream, Row } from '@orderstream/streams';
import type { ActiveJob } from '../track/active-job.js';
import { encodeRow } from './encode-row.js';
import { PartitionBatcher, type BatcherLimits, type PartitionBatch } from './partition-batcher.js';
import type { Share, UnderWay } from './under-way.js';
import type { RowEncoder, ValueEncoding } from './value-encoding.js';

export interface PublishOptions extends BatcherLimits {
  /** bounds what is on its way to Kafka, over all jobs */
  readonly underWay: UnderWay;
  readonly timeoutMs: number;
  readonly values: ValueEncoding;
  /** holds sources back while the sink is behind */
  readonly flow: {
    room(signal: AbortSignal): Promise<void>;
    readonly isHolding: boolean;
    sending(rows: number): void;
    sent(rows: number, how: { readonly acknowledged: boolean }): void;
  };
}

export interface PublishTarget {
  readonly stream: CompiledStream;
  readonly partitions: number;
  /** from 2 on when rows of the job are published again; default 1 */
  readonly attempt?: number;
  /** told of each row that has no record, with its JSON text: too large for Kafka, or for the types of Avro */
  readonly onRefused?: (row: number, fault: RowFault, json: string) => void;
}

/** What is left to do of rows that were read once before. Indices are places in what was given. */
export interface Unsent {
  readonly indices: readonly number[];
  /** those that have no record */
  readonly refused: readonly { readonly row: number; readonly fault: RowFault; readonly json: string }[];
}

/**
 * Publishes the rows of one job: keyed, one partition per send, every acknowledgement noted in the job. `room()` is
 * the back-pressure: whoever reads rows awaits it before reading more.
 */
export class JobPublisher {
  private readonly batcher: PartitionBatcher;
  private readonly inFlight = new Set<Promise<void>>();
  private inFlightBytes = 0;
  private readonly share: Share;
  private readonly encoder: RowEncoder;
  private failure: Error | undefined;
  private heldForMs = 0;
  /** partitions of which a send failed: of later ones the job knows nothing, so that what it knows has no gaps */
  private readonly brokenPartitions = new Set<number>();
  /** by partition, the last row that an interrupted upload had published already */
  private readonly publishedThrough: ReadonlyMap<number, number>;

  constructor(
    private readonly producer: PartitionProducer,
    private readonly to: PublishTarget,
    private readonly job: ActiveJob,
    private readonly options: PublishOptions,
  ) {
    this.encoder = options.values.of(to.stream);
    this.share = options.underWay.join();
    this.publishedThrough = job.acknowledgedThrough();
    this.batcher = new PartitionBatcher(options, (batch) => this.dispatch(batch));
  }

  /** Takes checked rows; those that have no record are refused here. `rowNumbers` runs beside `rows`. */
  add(rows: readonly Row[], rowNumbers: readonly number[]): void {
    for (let i = 0; i < rows.length; i++) {
      const row = rowNumbers[i]!;
      const message = this.encode(rows[i]!, row);
      if ('code' in message) {
        this.job.reject(message.code);
        this.to.onRefused?.(row, message, this.to.stream.toJson(rows[i]!));
        continue;
      }
      const partition = partitionOf(message.key!, this.to.partitions);
      if (this.isUnsent(row, partition)) this.batcher.add(partition, message, row);
    }
  }

  /** Which of the rows `add` would send, and which it would refuse; does neither. */
  unsentOf(rows: readonly Row[], rowNumbers: readonly number[]): Unsent {
    const indices: number[] = [];
    const refused: Unsent['refused'][number][] = [];
    for (let i = 0; i < rows.length; i++) {
      const row = rowNumbers[i]!;
      const message = this.encode(rows[i]!, row);
      if ('code' in message) refused.push({ row, fault: message, json: this.to.stream.toJson(rows[i]!) });
      else if (this.isUnsent(row, partitionOf(message.key!, this.to.partitions))) indices.push(i);
    }
    return { indices, refused };
  }

  private encode(row: Row, number: number): OutMessage | RowFault {
    const { id: jobId, writeTimeBase } = this.job;
    const { attempt } = this.to;
    return encodeRow(this.encoder, row, { jobId, row: number, writeTimeMicros: writeTimeBase + number, attempt });
  }

  private isUnsent(row: number, partition: number): boolean {
    return row > (this.publishedThrough.get(partition) ?? -1);
  }

  /** Sends what is collected without waiting for it. */
  flush(): void {
    this.batcher.flush();
  }

  /** Resolves when there is room for more; rejects when a send failed for good. */
  async room(): Promise<void> {
    if (this.isFull) this.flush();
    while (this.isFull && this.failure === undefined) await Promise.race(this.inFlight);
    if (this.options.flow.isHolding) await this.held();
    this.throwFailure();
  }

  private get isFull(): boolean {
    return this.batcher.heapBytes + this.inFlightBytes > this.share.bytes;
  }

  /** ms that the source was held back for the sink's sake; a schedule does not count them */
  get heldMs(): number {
    return this.heldForMs;
  }

  private async held(): Promise<void> {
    const since = performance.now();
    await this.options.flow.room(this.job.stop.signal);
    this.heldForMs += performance.now() - since;
  }

  /** Sends the rest and waits until Kafka has acknowledged every row. */
  async end(): Promise<void> {
    this.flush();
    while (this.inFlight.size > 0) await Promise.race(this.inFlight);
    this.share.leave();
    this.throwFailure();
  }

  private dispatch(batch: PartitionBatch): void {
    const send = this.send(batch)
      .catch((error: unknown) => {
        this.brokenPartitions.add(batch.partition);
        this.failure ??= error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => {
        this.inFlight.delete(send);
        this.inFlightBytes -= batch.heapBytes;
      });
    this.inFlight.add(send);
    this.inFlightBytes += batch.heapBytes;
  }

  private async send(batch: PartitionBatch): Promise<void> {
    const { partition, messages, firstRow, lastRow } = batch;
    const ack = await this.acknowledged(partition, messages);
    if (this.brokenPartitions.has(partition)) return;
    this.job.acknowledge({
      topic: this.to.stream.topic,
      partition,
      base: ack.baseOffset,
      count: messages.length,
      firstRow,
      lastRow,
      attempt: this.to.attempt ?? 1,
    });
  }

  private async acknowledged(partition: number, messages: PartitionBatch['messages']): Promise<SendResult> {
    const { flow, timeoutMs } = this.options;
    flow.sending(messages.length);
    let acknowledged = false;
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const ack = await this.producer.send(this.to.stream.topic, partition, messages, { signal });
      acknowledged = true;
      return ack;
    } finally {
      flow.sent(messages.length, { acknowledged });
    }
  }

  private throwFailure(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}
