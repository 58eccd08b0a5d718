import { randomUUID } from 'node:crypto';
import { createKafka, ensureTopics, failureOf, metadataOfBrokers, type Kafka } from '@orderstream/kafka';
import { retryUntil } from '@orderstream/resilience';
import { eventually } from './eventually.js';

/** A record as any producer of the world may send it: nothing about it is checked. */
export interface RawRecord {
  readonly key?: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly headers?: Readonly<Record<string, Buffer | string>>;
  /** ms since the epoch, as text; default: now */
  readonly timestamp?: string;
  readonly partition?: number;
}

/** A record as it lies in its topic. */
export interface TopicRecord {
  readonly partition: number;
  readonly offset: string;
  /** record time, ms since the epoch */
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | string | readonly (Buffer | string)[] | undefined>>;
}

export interface TopicShape {
  readonly partitions: number;
  /** default: the broker's own */
  readonly replicas?: number;
}

export interface PartitionLeader {
  readonly partition: number;
  /** node id; -1: none */
  readonly leader: number;
  readonly inSync: number;
}

export interface PartitionPlace {
  readonly partition: number;
  /** the next record the group will read; 0 when it has read none */
  readonly committed: number;
  /** the next record that will be written */
  readonly end: number;
}

type Admin = ReturnType<Kafka['admin']>;

/** kafkajs's number of that codec */
const GZIP = 1;
const READ_TIMEOUT_MS = 120_000;

/** What a test does with Kafka beside the product: a raw producer, a reader of whole topics, offsets of a group. */
export class KafkaTopics {
  private constructor(private readonly kafka: Kafka) {}

  static on(brokers: string): KafkaTopics {
    return new KafkaTopics(createKafka({ brokers: brokers.split(','), clientId: 'orderstream-test' }));
  }

  /** Sends in the order given; the answer is where each record came to lie, in that order. */
  async write(
    topic: string,
    records: readonly RawRecord[],
    { gzip = false } = {},
  ): Promise<{ partition: number; offset: string }[]> {
    const producer = await connected(() => this.kafka.producer({ idempotent: false, allowAutoTopicCreation: false }));
    try {
      const places: { partition: number; offset: string }[] = [];
      for (const record of records) {
        const message = { partition: 0, ...record } as never;
        const [answer] = await producer.send({ topic, acks: -1, compression: gzip ? GZIP : 0, messages: [message] });
        places.push({ partition: answer!.partition, offset: answer!.baseOffset! });
      }
      return places;
    } finally {
      await producer.disconnect();
    }
  }

  /** Everything the topic holds now, by partition and offset. */
  async read(topic: string): Promise<TopicRecord[]> {
    const ends = await this.ends(topic);
    const records: TopicRecord[] = [];
    const missing = new Map([...ends].filter(([, { low, high }]) => high > low).map(([p, { high }]) => [p, high]));
    if (missing.size === 0) return records;
    const groupId = `reader-${randomUUID()}`;
    const consumer = await connected(() => this.kafka.consumer({ groupId, allowAutoTopicCreation: false }));
    try {
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch: { partition, messages } }) => {
          for (const { offset, timestamp, key, value, headers } of messages) {
            records.push({ partition, offset, timestamp, key, value, headers: headers ?? {} });
          }
          const next = BigInt(messages.at(-1)?.offset ?? -1) + 1n;
          if (next >= (missing.get(partition) ?? 0n)) missing.delete(partition);
        },
      });
      await eventually(async () => missing.size === 0, {
        timeoutMs: READ_TIMEOUT_MS,
        what: `${topic} read to its end`,
      });
    } finally {
      await consumer.disconnect();
    }
    return records
      .filter(({ partition, offset }) => BigInt(offset) < ends.get(partition)!.high)
      .sort((a, b) => a.partition - b.partition || Number(BigInt(a.offset) - BigInt(b.offset)));
  }

  /** Records the topic holds, or has held. */
  async length(topic: string): Promise<number> {
    const ends = await this.ends(topic);
    return [...ends.values()].reduce((sum, { low, high }) => sum + Number(high - low), 0);
  }

  /** How many records of the topic the group has passed, over all partitions. */
  committed(groupId: string, topic: string): Promise<number> {
    return this.withAdmin((admin) => passedOf(admin, groupId, topic));
  }

  /** How many records of the topic the group has still to pass, over all partitions. */
  lag(groupId: string, topic: string): Promise<number> {
    return this.withAdmin(async (admin) => {
      // Committed first: the other way round a group that keeps up could seem to be ahead of the end.
      const passed = await passedOf(admin, groupId, topic);
      const ends = await admin.fetchTopicOffsets(topic);
      return ends.reduce((sum, { high }) => sum + Number(high), 0) - passed;
    });
  }

  /** Where the group stands in each partition of the topic, and where the partition ends. */
  places(groupId: string, topic: string): Promise<PartitionPlace[]> {
    return this.withAdmin(async (admin) => {
      const [answer] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const committed = new Map(answer!.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
      const ends = await admin.fetchTopicOffsets(topic);
      return ends.map(({ partition, high }) => {
        return { partition, committed: Math.max(0, committed.get(partition) ?? 0), end: Number(high) };
      });
    });
  }

  /** The next record the group will read of that partition; 0 when it has read none. */
  position(groupId: string, topic: string, partition: number): Promise<number> {
    return this.withAdmin((admin) => passedOf(admin, groupId, topic, partition));
  }

  /** The group begins each of these topics again, once it has no members. */
  async rewind(groupId: string, topics: readonly string[]): Promise<void> {
    for (const topic of topics) await this.setOffsets(groupId, topic, ({ low }) => low);
  }

  /** The group passes over everything the topic holds now, unread, once it has no members. */
  async passOver(groupId: string, topic: string): Promise<void> {
    await this.setOffsets(groupId, topic, ({ high }) => high);
  }

  /** A member whose leave nobody has answered is one until its session ends. */
  private async setOffsets(
    groupId: string,
    topic: string,
    offsetOf: (ends: { readonly low: string; readonly high: string }) => string,
  ): Promise<void> {
    await this.withAdmin(async (admin) => {
      const ends = await admin.fetchTopicOffsets(topic);
      const partitions = ends.map(({ partition, ...of }) => ({ partition, offset: offsetOf(of) }));
      const set = async (): Promise<true> => (await admin.setOffsets({ groupId, topic, partitions }), true);
      await eventually(set, { everyMs: 200, what: `${groupId} without members` });
    });
  }

  /** Waits until the group has passed so many records of the topic; answers how many it has. */
  async untilCommitted(groupId: string, topic: string, atLeast: number, timeoutMs = 60_000): Promise<number> {
    const options = { timeoutMs, everyMs: 20, what: `${groupId} past ${atLeast} records of ${topic}` };
    const look = async (admin: Admin): Promise<number | false> => {
      const passed = await passedOf(admin, groupId, topic);
      return passed >= atLeast && passed;
    };
    return this.withAdmin((admin) => eventually(() => look(admin), options));
  }

  /** The partition's records below that offset are gone, as after their retention. */
  async deleteBefore(topic: string, partition: number, offset: string): Promise<void> {
    await this.withAdmin(async (admin) => {
      await admin.fetchTopicOffsets(topic); // kafkajs deletes only from topics it has been asked about
      await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset }] });
    });
  }

  async create(topic: string, { partitions, replicas = -1 }: TopicShape): Promise<void> {
    await ensureTopics(this.kafka, [{ topic, partitions, replicationFactor: replicas }]);
  }

  async remove(topic: string): Promise<void> {
    await this.withAdmin((admin) => admin.deleteTopics({ topics: [topic] }));
    const ask = (admin: Admin) => metadataOfBrokers(() => admin.listTopics());
    await eventually(async () => !(await this.withAdmin(ask)).includes(topic), { what: `${topic} gone` });
  }

  /** Another topic under the same name: empty, and with an id of its own. */
  async recreate(topic: string, shape: TopicShape): Promise<void> {
    await this.remove(topic);
    await this.create(topic, shape);
  }

  /** Leader and number of replicas in sync of each partition, as one broker tells them. */
  async leaders(topic: string): Promise<PartitionLeader[]> {
    const ask = (admin: Admin) => metadataOfBrokers(() => admin.fetchTopicMetadata({ topics: [topic] }));
    const { topics } = await this.withAdmin(ask);
    return topics[0]!.partitions.map(({ partitionId, leader, isr }) => ({
      partition: partitionId,
      leader,
      inSync: isr.length,
    }));
  }

  /** Ids of the consumer groups the broker knows. */
  async groups(): Promise<string[]> {
    const { groups } = await this.withAdmin((admin) => admin.listGroups());
    return groups.map(({ groupId }) => groupId);
  }

  private async ends(topic: string): Promise<Map<number, { low: bigint; high: bigint }>> {
    const offsets = await this.withAdmin((admin) => admin.fetchTopicOffsets(topic));
    return new Map(offsets.map(({ partition, low, high }) => [partition, { low: BigInt(low), high: BigInt(high) }]));
  }

  /** What cannot be had because a broker has just died is asked again, with a client of its own each time. */
  private async withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const attempt = async (): Promise<T> => {
      const admin = await connected(() => this.kafka.admin());
      try {
        return await work(admin);
      } finally {
        await admin.disconnect();
      }
    };
    return retryUntil(attempt, { ...AGAIN, shouldRetry: (error, tried) => tried < TRIES && isPassing(error) });
  }
}

const AGAIN = { initialMs: 200, maxMs: 2_000 } as const;
const TRIES = 10;
/** A broker has just died, and the coordinator of a group has not moved yet or has just done so. */
const PASSING = new Set([
  'unreachable',
  'broker_not_available',
  'not_coordinator_for_group',
  'group_coordinator_not_available',
  'group_load_in_progress',
]);
const isPassing = (error: unknown): boolean => PASSING.has(failureOf(error).code);

/** Each client begins with another broker, and some of them may be dead behind their proxies. */
async function connected<T extends { connect(): Promise<void>; disconnect(): Promise<void> }>(
  open: () => T,
): Promise<T> {
  const attempt = async (): Promise<T> => {
    const client = open();
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.disconnect().catch(() => undefined);
      throw error;
    }
  };
  return eventually(attempt, { what: 'a client that is connected to Kafka' });
}

async function passedOf(admin: Admin, groupId: string, topic: string, only?: number): Promise<number> {
  const [answer] = await admin.fetchOffsets({ groupId, topics: [topic] });
  const counted = answer!.partitions.filter(({ partition }) => only === undefined || partition === only);
  return counted.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
}
