import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { fetchPartitionCounts } from '../admin/partition-counts.js';
import type { BatchServerOptions } from './batch-server.options.js';
import type { Assignment, ConsumerPort } from './group-member.js';
import type { FlowControl } from './partition-flow.js';
import type { TopicPartition } from './record-batch.js';

/** kafkajs's own retries within one fetch or commit; the same for NODE_ENV `test`. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, factor: 0.2, multiplier: 2, retries: 5 } as const;

/** One kafkajs consumer, from its connection to its end. Records are read from the beginning where nothing is committed. */
export class KafkajsConsumerPort implements ConsumerPort, FlowControl {
  readonly consumer: Consumer;

  constructor(
    private readonly kafka: Kafka,
    private readonly topics: readonly string[],
    private readonly eachBatch: (payload: EachBatchPayload) => Promise<void>,
    options: BatchServerOptions,
  ) {
    this.consumer = kafka.consumer({
      groupId: options.groupId,
      sessionTimeout: options.sessionTimeoutMs ?? 10_000,
      heartbeatInterval: options.heartbeatIntervalMs ?? 1_500,
      rebalanceTimeout: options.rebalanceTimeoutMs ?? 30_000,
      maxWaitTimeInMs: options.maxWaitTimeMs ?? 500,
      maxBytesPerPartition: options.maxBytesPerPartition ?? 256 * 1024,
      maxBytes: options.maxBytes ?? 2 * 1024 * 1024,
      allowAutoTopicCreation: false,
      // GroupMember restarts; a crash is reported with restart=false, always.
      retry: { ...RETRY, restartOnFailure: () => Promise.resolve(false) },
    });
  }

  connect(): Promise<void> {
    return this.consumer.connect();
  }

  async run(): Promise<void> {
    const counts = await fetchPartitionCounts(this.kafka, this.topics);
    await this.consumer.subscribe({ topics: [...this.topics], fromBeginning: true });
    await this.consumer.run({
      // kafkajs fixes the number of workers here; with fewer than partitions a slow one would hold others back.
      partitionsConsumedConcurrently: [...counts.values()].reduce((sum, count) => sum + count, 0),
      eachBatchAutoResolve: false,
      eachBatch: this.eachBatch,
    });
  }

  disconnect(): Promise<void> {
    return this.consumer.disconnect();
  }

  onJoin(listener: (assignment: Assignment) => void): void {
    this.consumer.on(this.consumer.events.GROUP_JOIN, ({ payload }) => listener(payload.memberAssignment));
  }

  onRebalance(listener: () => void): void {
    this.consumer.on(this.consumer.events.REBALANCING, listener);
  }

  onCrash(listener: (error: Error) => void): void {
    this.consumer.on(this.consumer.events.CRASH, ({ payload }) => listener(payload.error));
  }

  pause({ topic, partition }: TopicPartition): void {
    this.consumer.pause([{ topic, partitions: [partition] }]);
  }

  resume({ topic, partition }: TopicPartition): void {
    this.consumer.resume([{ topic, partitions: [partition] }]);
  }

  /** kafkajs keeps partitions paused across assignments. */
  resumeAll(): void {
    this.consumer.resume(this.topics.map((topic) => ({ topic })));
  }
}
