import type { BackoffOptions } from '@orderstream/resilience';
import type { OutMessage } from './out-message.js';
import type { KafkaSendError } from './send-error.js';

/** What a PartitionProducer needs of a Kafka client. */
export interface ProducerPort {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  countPartitions(topic: string): Promise<number>;
  /**
   * One attempt. Resolves with the base offset only when Kafka acknowledged all messages on that partition; then they
   * have consecutive offsets from it.
   */
  send(topic: string, partition: number, messages: readonly OutMessage[]): Promise<bigint>;
}

export interface SendOptions {
  /** a single record of a waiting caller: goes before the bulk sends of its partition. Default false */
  readonly priority?: boolean;
  /** ends the waiting and the retries; `AbortSignal.timeout(ms)` makes a deadline. Default: until `disconnect` */
  readonly signal?: AbortSignal;
}

export interface SendResult {
  readonly topic: string;
  readonly partition: number;
  /** offset of the first message, as a decimal string; the others follow without a gap */
  readonly baseOffset: string;
  readonly count: number;
}

/** For metrics. None of these may throw. */
export interface ProducerEvents {
  /** one acknowledged request; `latencyMs` counts from its last attempt, `sends` is the number of merged calls */
  onAcknowledged?(event: { topic: string; partition: number; count: number; sends: number; latencyMs: number }): void;
  onRetry?(event: { topic: string; partition: number; attempt: number; delayMs: number; error: KafkaSendError }): void;
  /** Kafka cannot be reached while connecting; the next attempt follows */
  onWaiting?(error: unknown): void;
  onPartitionCountChanged?(event: { topic: string; was: number; now: number }): void;
}

export interface PartitionProducerOptions {
  /** between attempts of one send, ms. Default 100 … 2,000 */
  readonly backoff?: BackoffOptions;
  /** at most so many messages of priority sends in one request. Default 500 */
  readonly mergedMessages?: number;
  /** at most about so many bytes of priority sends in one request. Default 524,288 */
  readonly mergedBytes?: number;
  readonly events?: ProducerEvents;
}
