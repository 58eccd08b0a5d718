import { unreadableReason } from '../codecs/unreadable-records.js';
import { UnreadableBatchError } from '../codecs/unreadable-batch.error.js';
import type { PartitionFlow } from './partition-flow.js';
import {
  BatchRevokedError,
  type BatchOutcome,
  type KafkaRecord,
  type RecordBatch,
  type TopicPartition,
} from './record-batch.js';

/** The part of kafkajs's `eachBatch` payload that is used. */
export interface BatchPayload {
  readonly batch: TopicPartition & { readonly highWatermark: string; readonly messages: readonly KafkaRecord[] };
  resolveOffset(offset: string): void;
  heartbeat(): Promise<void>;
  isRunning(): boolean;
  isStale(): boolean;
}

/** Resolves with what the handler answered; anything but a BatchOutcome counts as an unknown failure. */
export type BatchHandler = (batch: RecordBatch) => Promise<unknown>;

export interface BatchEvents {
  /** after each batch: `finished` of its `count` records were resolved; `lag` is what the partition has beyond them */
  onBatch?(event: TopicPartition & { count: number; finished: number; lag: number; durationMs: number }): void;
  /** the batch was given up without resolving anything; its records come again */
  onAbandoned?(event: TopicPartition & { count: number }): void;
}

/**
 * One kafkajs batch after the other, per partition: hand it to the handler, resolve the finished prefix, hold the
 * partition back where the outcome says so. kafkajs commits what is resolved after `run` returns. `run` never rejects:
 * an exception that reached kafkajs would restart, or end, the whole consumer.
 */
export class BatchRunner {
  /** Counts assignments: a batch from an earlier one must not resolve anything. */
  private generation = 0;
  private closing = false;
  private abandoned = false;
  /** ends the waiting for each handler that runs */
  private readonly abandons = new Set<() => void>();

  constructor(
    private readonly handler: BatchHandler,
    private readonly flow: PartitionFlow,
    private readonly events: BatchEvents = {},
  ) {}

  /** Another assignment begins: batches that still run are revoked. */
  newAssignment(): void {
    this.generation++;
  }

  /** Starts no more batches; those that run may finish. */
  close(): void {
    this.closing = true;
  }

  /** Gives up what still runs; nothing of it is resolved. */
  abandonAll(): void {
    this.closing = true;
    this.abandoned = true;
    for (const abandon of this.abandons) abandon();
  }

  async run(payload: BatchPayload): Promise<void> {
    const { batch } = payload;
    if (this.closing || batch.messages.length === 0 || this.flow.isHeldBack(batch)) return;
    const startedAt = performance.now();
    const handed = this.toRecordBatch(payload);
    const outcome = await this.outcomeOf(handed);
    if (outcome.verdict === 'revoked' || handed.isRevoked() || !resolvePrefix(payload, outcome.finished)) {
      this.events.onAbandoned?.({ topic: batch.topic, partition: batch.partition, count: batch.messages.length });
      return;
    }
    this.react(batch, outcome);
    this.report(batch, outcome.finished, performance.now() - startedAt);
  }

  private toRecordBatch(payload: BatchPayload): RecordBatch {
    const { topic, partition, highWatermark, messages } = payload.batch;
    const generation = this.generation;
    let lost = false;
    const isRevoked = (): boolean => lost || this.abandoned || generation !== this.generation || payload.isStale();
    const heartbeat = async (): Promise<void> => {
      try {
        if (!lost) await payload.heartbeat();
      } catch (error) {
        lost = true;
        throw new BatchRevokedError({ topic, partition }, error);
      }
      if (isRevoked()) throw new BatchRevokedError({ topic, partition }, undefined);
    };
    return { topic, partition, records: messages, highWatermark, heartbeat, isRevoked };
  }

  /** A first record that an operator has skipped is finished; its letter was written before. */
  private async outcomeOf(batch: RecordBatch): Promise<BatchOutcome> {
    if (!this.flow.isSkipped(batch, batch.records[0]!.offset)) return this.outcomeOfReadable(batch);
    if (batch.records.length === 1) return { finished: 1, verdict: 'ok' };
    const outcome = await this.outcomeOfReadable({ ...batch, records: batch.records.slice(1) });
    return { ...outcome, finished: outcome.finished + 1 };
  }

  /** The handler gets the records before those that could not be read, at which the partition stops if need be. */
  private async outcomeOfReadable(batch: RecordBatch): Promise<BatchOutcome> {
    const readable = batch.records.findIndex((record) => unreadableReason(record) !== undefined);
    if (readable < 0) return this.answerTo(batch);
    const outcome: BatchOutcome =
      readable === 0
        ? { finished: 0, verdict: 'ok' }
        : await this.answerTo({ ...batch, records: batch.records.slice(0, readable) });
    if (outcome.verdict !== 'ok') return outcome;
    const error = new UnreadableBatchError(unreadableReason(batch.records[readable]!)!);
    return { finished: readable, verdict: 'unknown', error };
  }

  private async answerTo(batch: RecordBatch): Promise<BatchOutcome> {
    try {
      const answer = await this.untilAbandoned(this.handler(batch));
      if (this.abandoned) return { finished: 0, verdict: 'revoked' };
      return toOutcome(answer, batch.records.length);
    } catch (error) {
      return { finished: 0, verdict: 'unknown', error };
    }
  }

  /** A race, but without a promise that outlives the batch and collects reactions. */
  private untilAbandoned(work: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const abandon = (): void => resolve(undefined);
      this.abandons.add(abandon);
      work.then(resolve, reject).finally(() => this.abandons.delete(abandon));
    });
  }

  private react(batch: BatchPayload['batch'], outcome: BatchOutcome): void {
    if (outcome.finished > 0) this.flow.progressed(batch);
    if (outcome.verdict === 'wait') this.flow.wait(batch, outcome.reason);
    if (outcome.verdict === 'unknown') {
      // All finished and still a failure: the position is the record after the batch.
      const at = batch.messages[outcome.finished];
      this.flow.fail(batch, at?.offset ?? nextOffset(batch.messages.at(-1)!.offset), outcome.error, at);
    }
  }

  private report(batch: BatchPayload['batch'], finished: number, durationMs: number): void {
    const { topic, partition, messages, highWatermark } = batch;
    const next = finished > 0 ? nextOffset(messages[finished - 1]!.offset) : messages[0]!.offset;
    const lag = Math.max(0, Number(BigInt(highWatermark) - BigInt(next)));
    this.events.onBatch?.({ topic, partition, count: messages.length, finished, lag, durationMs });
  }
}

/**
 * False when kafkajs cannot resolve any more: without the partition in its present assignment it throws a TypeError,
 * which would end the consumer for good.
 */
function resolvePrefix(payload: BatchPayload, finished: number): boolean {
  if (finished === 0) return true;
  try {
    payload.resolveOffset(payload.batch.messages[finished - 1]!.offset);
    return true;
  } catch {
    return false;
  }
}

const VERDICTS: ReadonlySet<unknown> = new Set(['ok', 'wait', 'unknown', 'revoked']);

/** Checks the answer at run time: it crossed interceptors and filters, and a wrong `finished` would lose records. */
function toOutcome(answer: unknown, count: number): BatchOutcome {
  const outcome = (typeof answer === 'object' && answer !== null ? answer : {}) as Partial<BatchOutcome>;
  const { finished, verdict } = outcome;
  const inRange = Number.isInteger(finished) && finished! >= 0 && finished! <= count;
  if (!inRange || !VERDICTS.has(verdict)) {
    return broken(`the handler did not answer with a BatchOutcome for ${count} records; nothing was committed`);
  }
  if (verdict === 'ok' && finished !== count) {
    return broken(`the handler answered ok with ${finished} of ${count} records finished; nothing was committed`);
  }
  return outcome as BatchOutcome;
}

function broken(message: string): BatchOutcome {
  return { finished: 0, verdict: 'unknown', error: new Error(message) };
}

const nextOffset = (offset: string): string => (BigInt(offset) + 1n).toString();
