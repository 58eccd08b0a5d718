import { retryUntil, withDeadline } from '@orderstream/resilience';
import type { Admin, Kafka } from 'kafkajs';
import { failureOf } from '../kafka-errors.js';
import { compactedOf } from './compacted-topics.js';
import { metadataOfBrokers } from './metadata-of-brokers.js';

/** First and next offset of a partition: its records are low … high − 1. */
export interface PartitionEnds {
  readonly low: bigint;
  readonly high: bigint;
}

export type ByPartition<T> = Map<string, Map<number, T>>;

export interface BrokerDescription {
  readonly clusterId: string;
  readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[];
  readonly controller: number | null;
}

const BACKOFF = { initialMs: 200, maxMs: 5_000 } as const;

/** Kafka's answers while a group's coordinator moves or loads; the same question is answered soon after. */
const COORDINATOR_CODES = new Set([
  'not_coordinator_for_group',
  'group_coordinator_not_available',
  'group_load_in_progress',
]);
const COORDINATOR_BACKOFF = { initialMs: 50, maxMs: 500 } as const;
const COORDINATOR_TRIES = 10;

/** Reads offsets and cluster facts over one connection that is kept; made to be asked a few times a second. */
export class KafkaAdmin {
  private admin: Admin;
  private describing: Promise<BrokerDescription> | undefined;

  constructor(private readonly kafka: Kafka) {
    this.admin = kafka.admin();
  }

  /** Tries until Kafka answers or the signal aborts; rejects at once when Kafka refuses the credentials. */
  async connect(signal?: AbortSignal, onWaiting?: (error: unknown) => void): Promise<void> {
    await retryUntil(() => this.open(), {
      ...BACKOFF,
      ...(signal ? { signal } : {}),
      shouldRetry: (error) => failureOf(error).retriable,
      onRetry: (error) => onWaiting?.(error),
    });
  }

  disconnect(): Promise<void> {
    return this.admin.disconnect();
  }

  /** A client that could not connect stays with the broker it has tried; the next one tries another. */
  private async open(): Promise<void> {
    try {
      await this.admin.connect();
    } catch (error) {
      await this.admin.disconnect().catch(() => undefined);
      this.admin = this.kafka.admin();
      throw error;
    }
  }

  /**
   * The group's committed offset (the next record it will read) by topic and partition; null: none. Two requests.
   * A coordinator that has just moved or started is waited for, a few seconds at most; then it rejects, as it does at
   * once when Kafka cannot be reached.
   */
  async fetchCommitted(groupId: string, topics: readonly string[]): Promise<ByPartition<bigint | null>> {
    if (topics.length === 0) return new Map();
    const answer = await retryUntil(() => this.admin.fetchOffsets({ groupId, topics: [...topics] }), {
      ...COORDINATOR_BACKOFF,
      shouldRetry: (error, attempt) => attempt < COORDINATOR_TRIES && COORDINATOR_CODES.has(failureOf(error).code),
    });
    return new Map(
      answer.map(({ topic, partitions }) => [
        topic,
        byPartition(partitions.map(({ partition, offset }) => [partition, toCommitted(offset)])),
      ]),
    );
  }

  /** Low and high watermark by topic and partition; all topics at once. */
  async fetchEnds(topics: readonly string[]): Promise<ByPartition<PartitionEnds>> {
    const answers = await Promise.all(topics.map((topic) => this.admin.fetchTopicOffsets(topic)));
    return new Map(
      answers.map((partitions, i) => [
        topics[i]!,
        byPartition(
          partitions.map(({ partition, low, high }) => [partition, { low: BigInt(low), high: BigInt(high) }]),
        ),
      ]),
    );
  }

  /** By partition, the first offset whose record is of that time (ms since the epoch) or later; the high watermark where none is. */
  async fetchOffsetsAt(topic: string, timeMs: number): Promise<Map<number, bigint>> {
    const answer = await this.admin.fetchTopicOffsetsByTimestamp(topic, timeMs);
    return byPartition(answer.map(({ partition, offset }) => [partition, BigInt(offset)]));
  }

  /** May Kafka remove records from the middle of the topic? True as well when it does not say. Rejects when it cannot be reached. */
  async isCompacted(topic: string): Promise<boolean> {
    const compacted = await compactedOf(this.admin, [topic]);
    return compacted === undefined || compacted.has(topic);
  }

  /** Who answers, or a rejection after `deadlineMs`. Calls that overlap share one request. */
  describeBroker(deadlineMs: number): Promise<BrokerDescription> {
    this.describing ??= metadataOfBrokers(() => this.admin.describeCluster()).finally(
      () => (this.describing = undefined),
    );
    return withDeadline(
      this.describing,
      deadlineMs,
      () => new Error(`Kafka did not answer within ${deadlineMs} ms; check that its brokers run and can be reached`),
    );
  }
}

/** Kafka answers in any order; readers expect the partitions in theirs. */
function byPartition<T>(entries: Array<[number, T]>): Map<number, T> {
  return new Map(entries.sort(([a], [b]) => a - b));
}

function toCommitted(offset: string): bigint | null {
  const value = BigInt(offset);
  return value < 0n ? null : value;
}
