import { randomUUID } from 'node:crypto';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern } from '@nestjs/microservices';
import {
  BatchExceptionFilter,
  BatchServerKafka,
  createKafka,
  createPartitionProducer,
  ensureTopics,
  KafkaAdmin,
  TopicIds,
  type BatchOutcome,
  type BatchServerOptions,
  type KafkaOptions,
  type OutMessage,
  type RecordBatch,
} from '@orderstream/kafka';
import { eventually } from '@orderstream/testing';

export type Handle = (batch: RecordBatch) => BatchOutcome | Promise<BatchOutcome>;

export interface Sink {
  readonly server: BatchServerKafka;
  /** resolves when joined */
  readonly listening: Promise<unknown>;
  close(): Promise<unknown>;
}

export const finishAll = ({ records }: RecordBatch): BatchOutcome => ({ finished: records.length, verdict: 'ok' });

export const newName = (): string => `t-${randomUUID()}`;

export const rows = (count: number, from = 0): OutMessage[] =>
  Array.from({ length: count }, (_, i) => ({ key: `k${from + i}`, value: JSON.stringify({ row: from + i }) }));

export const offsets = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));

/** Waits until the condition holds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  await eventually(async () => await holds(), { timeoutMs: 20_000, everyMs: 20, what: String(holds) });
}

export function kafkaOptions(): KafkaOptions {
  const brokers = process.env.TEST_KAFKA_BROKERS;
  if (!brokers) throw new Error('TEST_KAFKA_BROKERS is not set; run this file through the jest project "stack"');
  return { brokers: brokers.split(','), clientId: 'kafka-transport-spec' };
}

/** A producer, an admin and any number of Nest microservices on the broker of the test run. */
export class KafkaRig {
  readonly kafka = createKafka(kafkaOptions());
  readonly admin = new KafkaAdmin(this.kafka);
  readonly producer = createPartitionProducer(this.kafka);
  readonly topicIds = new TopicIds(this.kafka);
  private readonly sinks: Sink[] = [];

  async connect(): Promise<void> {
    await Promise.all([this.admin.connect(), this.producer.connect()]);
  }

  async closeSinks(): Promise<void> {
    await Promise.all(this.sinks.splice(0).map((sink) => sink.close()));
  }

  async close(): Promise<void> {
    await Promise.all([this.producer.disconnect(), this.admin.disconnect(), this.topicIds.disconnect()]);
  }

  async newTopic(partitions = 1): Promise<string> {
    const topic = newName();
    await ensureTopics(this.kafka, [{ topic, partitions }]);
    return topic;
  }

  async committed(group: string, topic: string, partition = 0): Promise<bigint | null | undefined> {
    return (await this.admin.fetchCommitted(group, [topic])).get(topic)?.get(partition);
  }

  /** Waits until the group has committed that offset. */
  async commits(group: string, topic: string, offset: bigint, partition = 0): Promise<void> {
    await until(async () => (await this.committed(group, topic, partition)) === offset);
  }

  /** A microservice with one `@EventPattern` handler per topic; it is closed after the test. */
  async sink(topics: readonly string[], handle: Handle, options: Partial<BatchServerOptions> = {}): Promise<Sink> {
    const session = { groupId: newName(), sessionTimeoutMs: 6_000, heartbeatIntervalMs: 1_000 };
    const server = new BatchServerKafka({ kafka: kafkaOptions(), ...session, ...options });
    const app = await NestFactory.createMicroservice(moduleOf(topics, handle), { strategy: server, logger: false });
    app.useGlobalFilters(new BatchExceptionFilter());
    const sink = { server, listening: app.listen(), close: () => app.close() };
    this.sinks.push(sink);
    return sink;
  }
}

function moduleOf(topics: readonly string[], handle: Handle): new () => object {
  class SinkModule {}
  Module({ controllers: topics.map((topic) => controllerOf(topic, handle)) })(SinkModule);
  return SinkModule;
}

function controllerOf(topic: string, handle: Handle): new () => object {
  class TopicController {
    handle(batch: RecordBatch): BatchOutcome | Promise<BatchOutcome> {
      return handle(batch);
    }
  }
  const { prototype } = TopicController;
  EventPattern(topic)(prototype, 'handle', Object.getOwnPropertyDescriptor(prototype, 'handle')!);
  Controller()(TopicController);
  return TopicController;
}
