import { HEADER } from '@orderstream/contracts';
import { createKafka, createPartitionProducer, type OutMessage, type PartitionProducer } from '@orderstream/kafka';
import { KafkaTopics } from './kafka-topics.js';
import { stopwatch } from './outage.js';
import { peakMemoryMiB } from './memory.js';
import type { Sandbox } from './sandbox.js';

const SEND_ROWS = 1_000;

export interface DrainFigures {
  readonly records: number;
  readonly seconds: number;
  /** of the sink, MiB */
  readonly peakMemoryMiB: number;
}

/** Fills the topic of `users` past the API, as a plain producer does, and watches the sink drain it. */
export class UserBacklog {
  private constructor(
    private readonly world: Sandbox,
    private readonly producer: PartitionProducer,
    readonly topics: KafkaTopics,
    readonly topic: string,
  ) {}

  static async open(world: Sandbox): Promise<UserBacklog> {
    const { brokers } = world.options;
    const producer = createPartitionProducer(createKafka({ brokers: brokers.split(','), clientId: 'user-backlog' }));
    await producer.connect();
    return new UserBacklog(world, producer, KafkaTopics.on(brokers), world.topic('users_created'));
  }

  /** Sends in the order given, `sendRows` at once: Kafka hands out no part of one send. Records are made when they are sent. */
  async fill(partition: number, count: number, record: (n: number) => OutMessage, sendRows = SEND_ROWS): Promise<void> {
    for (let from = 0; from < count; from += sendRows) {
      const rows = Math.min(sendRows, count - from);
      await this.producer.send(
        this.topic,
        partition,
        Array.from({ length: rows }, (_, n) => record(from + n)),
      );
    }
  }

  /** Waits until the sink has passed all there is; the memory is that since its start. */
  async drain(timeoutMs: number): Promise<DrainFigures> {
    const since = stopwatch();
    const records = await this.topics.length(this.topic);
    await this.topics.untilCommitted(this.world.id, this.topic, records, timeoutMs);
    return { records, seconds: since.elapsedMs() / 1000, peakMemoryMiB: peakMemoryMiB(this.world.sink.pid) };
  }

  passed(partition: number): Promise<number> {
    return this.topics.position(this.world.id, this.topic, partition);
  }

  close(): Promise<void> {
    return this.producer.disconnect();
  }
}

/** A user as a plain producer sends it; without fields: its deletion. `writeTimeMicros`: as producers do who care. */
export function userRecord(id: string, fields: object | null, writeTimeMicros?: number): OutMessage {
  const value = fields === null ? null : JSON.stringify({ id, ...fields });
  return {
    key: id,
    value,
    ...(writeTimeMicros !== undefined && { headers: { [HEADER.writeTime]: `${writeTimeMicros}` } }),
  };
}
