import type { RecordHeaders } from '@orderstream/contracts';

/** One record as it lies in Kafka: raw bytes, nothing decoded. */
export interface KafkaRecord {
  /** decimal string */
  readonly offset: string;
  readonly key: Buffer | null;
  /** null is a tombstone */
  readonly value: Buffer | null;
  readonly headers?: RecordHeaders;
  /** record time, ms since the epoch as text */
  readonly timestamp: string;
}

/** What an `@EventPattern(topic)` handler gets: consecutive records of one partition, at least one. */
export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly KafkaRecord[];
  /** the offset after the partition's last readable record, as of the fetch */
  readonly highWatermark: string;
  /**
   * Tells the group that this member is alive; call it after each piece of progress, it is cheap. Rejects with a
   * BatchRevokedError when the partition may belong to another member by now: abandon the batch then.
   */
  readonly heartbeat: () => Promise<void>;
  /** true once nothing of this batch will be committed any more; answer with verdict `revoked` */
  readonly isRevoked: () => boolean;
}

/**
 * What became of a batch. `finished` counts its leading records that are done: stored, or in the dead letters. They are
 * committed, the others come again.
 *
 * - `ok`: all of them are done.
 * - `wait`: a store is slow or absent; the partition comes again after a back-off, for as long as it takes.
 * - `unknown`: nobody knows this error; a bounded number of tries, then the partition stops and says so.
 * - `revoked`: abandoned; nothing of it is committed.
 */
export type BatchOutcome =
  | { readonly finished: number; readonly verdict: 'ok' }
  | { readonly finished: number; readonly verdict: 'wait'; readonly reason: string }
  | { readonly finished: number; readonly verdict: 'unknown'; readonly error: unknown }
  | { readonly finished: number; readonly verdict: 'revoked' };

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A partition that was given up until an operator retries or skips its record, or the group rebalances. */
export interface StoppedPartition extends TopicPartition {
  /** the first record that is not done, as a decimal string */
  readonly offset: string;
  readonly error: unknown;
  /** that record, so that it can be put aside; absent when the failure is of none of the records that were read */
  readonly record?: KafkaRecord;
}

/** Thrown by `RecordBatch.heartbeat` when the group no longer answers for this member's batch. */
export class BatchRevokedError extends Error {
  constructor({ topic, partition }: TopicPartition, cause: unknown) {
    super(`${topic}-${partition} may belong to another member now; abandon the batch, its records come again`, {
      cause,
    });
    this.name = 'BatchRevokedError';
  }
}
