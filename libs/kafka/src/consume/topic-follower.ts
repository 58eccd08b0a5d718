import { backoffMs, orAborted, wait } from '@orderstream/resilience';
import type { Consumer, Kafka } from 'kafkajs';
import { inPassingGroup, onEnd } from './passing-group.js';
import type { KafkaRecord } from './record-batch.js';

/** Gets records of one partition in their order, at least one. It must not throw, and it holds nobody up. */
export type NewRecords = (partition: number, records: readonly KafkaRecord[]) => void;

export interface TopicFollowerOptions {
  /** its throw-away groups are called `<groupPrefix>-<uuid>` */
  readonly groupPrefix: string;
  /** told of each failure after which the topic is read on */
  readonly onFailure?: (error: unknown) => void;
}

/** Answers as soon as there is a record; what one fetch brings is in memory, decoded. */
const FETCH = { maxWaitTimeInMs: 250, maxBytesPerPartition: 256 * 1024, maxBytes: 1024 * 1024, retries: 6 } as const;
const BACKOFF = { initialMs: 500, maxMs: 10_000 } as const;

/**
 * Reads a topic as it grows, for as long as somebody wants it; commits nothing, and no group notices. While Kafka is away
 * it tries again, and goes on where it was.
 */
export class TopicFollower {
  /** `openKafka` makes a client per reading, because kafkajs keeps something for every group that a client has seen. */
  constructor(
    private readonly openKafka: () => Kafka,
    private readonly options: TopicFollowerOptions,
  ) {}

  /**
   * Every record from those offsets on; of a partition that is not named, all of them. Resolves once the signal has
   * aborted and the group is gone. Never rejects.
   */
  async follow(
    topic: string,
    startByPartition: ReadonlyMap<number, bigint>,
    onRecords: NewRecords,
    signal: AbortSignal,
  ): Promise<void> {
    const nextByPartition = new Map(startByPartition);
    let failures = 0;
    const visit: NewRecords = (partition, records) => {
      failures = 0;
      nextByPartition.set(partition, BigInt(records.at(-1)!.offset) + 1n);
      onRecords(partition, records);
    };
    while (!signal.aborted) {
      try {
        await this.readOn({ topic, nextByPartition, visit }, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.options.onFailure?.(error);
        await wait(backoffMs(failures++, BACKOFF), signal).catch(() => undefined);
      }
    }
  }

  /** Rejects with the first failure that kafkajs does not get over by itself, and with the signal's reason. */
  private readOn(followed: FollowedRecords, signal: AbortSignal): Promise<void> {
    const group = { openKafka: this.openKafka, groupPrefix: this.options.groupPrefix, fetch: FETCH };
    const read = (consumer: Consumer): Promise<never> => readUntilFailure(consumer, followed, signal);
    return inPassingGroup(group, read, (reading) => orAborted(reading, signal));
  }
}

interface FollowedRecords {
  readonly topic: string;
  readonly nextByPartition: ReadonlyMap<number, bigint>;
  readonly visit: NewRecords;
}

/** Ends with the signal too, once the consumer has joined. */
async function readUntilFailure(
  consumer: Consumer,
  { topic, nextByPartition, visit }: FollowedRecords,
  signal: AbortSignal,
): Promise<never> {
  const failed = new Promise<never>((_, reject) => onEnd(consumer, reject));
  failed.catch(() => undefined); // it may come before anybody waits for it
  await consumer.connect();
  // From the beginning: of a partition that is new, nothing has been seen.
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  // Before the first fetch, and after a rebalance again: it reads where it is told to.
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    for (const partition of payload.memberAssignment[topic] ?? []) {
      const next = nextByPartition.get(partition);
      if (next !== undefined) consumer.seek({ topic, partition, offset: String(next) });
    }
  });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch: { partition, messages } }) => {
      // What was fetched before a seek took hold lies before it.
      const next = nextByPartition.get(partition) ?? 0n;
      const records = messages.filter(({ offset }) => BigInt(offset) >= next);
      if (records.length > 0) visit(partition, records);
    },
  });
  return orAborted(failed, signal);
}
