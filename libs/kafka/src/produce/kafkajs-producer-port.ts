import type { Kafka, Message, Producer, RecordMetadata } from 'kafkajs';
import { fetchPartitionCounts } from '../admin/partition-counts.js';
import type { OutMessage } from './out-message.js';
import { PartitionProducer } from './partition-producer.js';
import type { PartitionProducerOptions, ProducerPort } from './producer.options.js';
import { KafkaSendError } from './send-error.js';

/** ms the broker may wait for its in-sync replicas; below the client's request time-out, so that the broker answers */
const ACK_TIMEOUT_MS = 10_000;
/** ms; a partition that was added is known to the producer after this */
const METADATA_MAX_AGE_MS = 30_000;

/**
 * `idempotent: false`: kafkajs reuses sequence numbers after an ambiguous failure, and the broker then drops records it
 * acknowledges. Duplicates are absorbed by the keyed upserts of the sink.
 */
export class KafkajsProducerPort implements ProducerPort {
  private producer: Producer;

  constructor(private readonly kafka: Kafka) {
    this.producer = producerOf(kafka);
  }

  /** A producer that could not connect stays with the broker it has tried; the next attempt has a new one. */
  async connect(): Promise<void> {
    try {
      await this.producer.connect();
    } catch (error) {
      await this.producer.disconnect().catch(() => undefined);
      this.producer = producerOf(this.kafka);
      throw error;
    }
  }

  disconnect(): Promise<void> {
    return this.producer.disconnect();
  }

  async countPartitions(topic: string): Promise<number> {
    const count = (await fetchPartitionCounts(this.kafka, [topic])).get(topic);
    if (!count)
      throw new KafkaSendError('unknown_topic_or_partition', `Kafka has no topic ${topic}; create it first`, true);
    return count;
  }

  async send(topic: string, partition: number, messages: readonly OutMessage[]): Promise<bigint> {
    const answers = await this.producer.send({
      topic,
      acks: -1,
      timeout: ACK_TIMEOUT_MS,
      messages: messages.map((message) => toMessage(message, partition)),
    });
    return baseOffsetOf(answers, topic, partition);
  }
}

const producerOf = (kafka: Kafka): Producer =>
  kafka.producer({
    idempotent: false,
    allowAutoTopicCreation: false,
    metadataMaxAge: METADATA_MAX_AGE_MS,
    // Every message names its partition; this also keeps kafkajs from warning about its default partitioner.
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition!,
  });

/** A PartitionProducer on a kafkajs client. */
export function createPartitionProducer(kafka: Kafka, options: PartitionProducerOptions = {}): PartitionProducer {
  return new PartitionProducer(new KafkajsProducerPort(kafka), options);
}

/** One object per record, all of the same shape and without a spread: this is the producer's hot path. */
function toMessage({ key, value, headers, timestamp }: OutMessage, partition: number): Message {
  return { key, value, headers, timestamp, partition };
}

/**
 * kafkajs resolves a send whose partition no broker was asked for; only an answer that names the partition and its
 * base offset is an acknowledgement.
 */
export function baseOffsetOf(answers: readonly (RecordMetadata | null)[], topic: string, partition: number): bigint {
  const answer = answers.find((a) => a?.topicName === topic && a.partition === partition);
  if (answer?.errorCode === 0 && answer.baseOffset !== undefined && /^\d+$/.test(answer.baseOffset)) {
    return BigInt(answer.baseOffset);
  }
  throw new KafkaSendError(
    'no_answer',
    `Kafka's answer does not name ${topic}-${partition} with a base offset; the records are not taken as acknowledged and can be sent again`,
    true,
  );
}
