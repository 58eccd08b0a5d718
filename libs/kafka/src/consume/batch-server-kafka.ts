import { KafkaContext, ServerKafka, type MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { createKafka } from '../kafka-client.js';
import { BatchRunner } from './batch-runner.js';
import type { BatchServerHealth, BatchServerOptions } from './batch-server.options.js';
import { GroupMember, type Assignment } from './group-member.js';
import { KafkajsConsumerPort } from './kafkajs-consumer-port.js';
import { PartitionFlow } from './partition-flow.js';
import type { RecordBatch, StoppedPartition, TopicPartition } from './record-batch.js';

const BACKOFF = { initialMs: 200, maxMs: 5_000 } as const;

/**
 * Nest's Kafka transport with batches: the handler of `@EventPattern(topic)` gets one RecordBatch and answers with a
 * BatchOutcome. Give it to `createMicroservice` as `strategy`. A handler that throws counts as `unknown` with nothing
 * finished; use `useGlobalFilters(new BatchExceptionFilter())` so that the error itself is kept.
 *
 * `listen` waits for Kafka and for the topics, for as long as it takes (`events.onWaiting` says so); start whatever
 * answers health checks before it.
 */
export class BatchServerKafka extends ServerKafka {
  private readonly flow: PartitionFlow;
  private readonly runner: BatchRunner;
  private readonly member: GroupMember;
  private port: KafkajsConsumerPort | undefined;

  constructor(private readonly server: BatchServerOptions) {
    super({
      postfixId: '',
      client: { brokers: [...server.kafka.brokers], clientId: server.kafka.clientId },
      consumer: { groupId: server.groupId },
    });
    const { events = {}, backoff = BACKOFF, unknownTries = 5 } = server;
    const control = {
      pause: (at: TopicPartition) => this.tell((port) => port.pause(at)),
      resume: (at: TopicPartition) => this.tell((port) => port.resume(at)),
    };
    this.flow = new PartitionFlow(control, { backoff, unknownTries }, events);
    this.runner = new BatchRunner((batch) => this.handle(batch), this.flow, events);
    this.member = new GroupMember(() => this.createConsumer(), backoff, {
      ...events,
      onJoin: (assignment) => this.startAssignment(assignment),
    });
  }

  override async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      this.checkHandlers();
      await this.member.start();
    } catch (error) {
      return callback(error);
    }
    callback();
  }

  /** Leaves the group: lets running batches finish until the deadline, commits, disconnects. Never rejects. */
  override async close(): Promise<void> {
    const deadlineMs = this.server.closeDeadlineMs ?? 6_000;
    this.runner.close();
    this.flow.clear();
    const abandon = setTimeout(() => this.runner.abandonAll(), deadlineMs);
    // The rest is for the last commit and for leaving.
    await this.member.close(deadlineMs + 2_000);
    clearTimeout(abandon);
    this.runner.abandonAll();
    this.consumer = null;
    this.port = undefined;
  }

  /** Partitions of this member, by topic. */
  assignment(): Assignment {
    return this.member.assignment();
  }

  stoppedPartitions(): StoppedPartition[] {
    return this.flow.stopped();
  }

  health(): BatchServerHealth {
    const { state } = this.member;
    return { joined: state === 'joined', stopped: this.flow.stopped(), crashed: state === 'crashed' };
  }

  /** Tries the record again at which the partition stopped, with a fresh count of tries. False: it is not stopped. */
  retryPartition(at: TopicPartition): boolean {
    return this.flow.restart(at) !== undefined;
  }

  /**
   * Goes on behind the record at which the partition stopped; that record is not read again. Undefined: the partition
   * is not stopped, or not at `offset` any more. Write its dead letter first.
   */
  skipRecord(at: TopicPartition, offset: string): StoppedPartition | undefined {
    return this.flow.skip(at, offset);
  }

  private createConsumer(): KafkajsConsumerPort {
    this.flow.clear();
    const topics = [...this.messageHandlers.keys()];
    // A client for each consumer: a client shares the committed offsets of a group between its consumers.
    const kafka = createKafka(this.server.kafka);
    const port = new KafkajsConsumerPort(kafka, topics, (payload) => this.runner.run(payload), this.server);
    this.port = port;
    this.consumer = port.consumer;
    return port;
  }

  private startAssignment(assignment: Assignment): void {
    this.runner.newAssignment();
    this.flow.clear();
    this.port?.resumeAll();
    this.server.events?.onJoin?.(assignment);
  }

  private tell(order: (port: KafkajsConsumerPort) => void): void {
    try {
      if (this.port) order(this.port);
    } catch {
      // The consumer has just crashed; the one that follows starts with nothing paused.
    }
  }

  private checkHandlers(): void {
    if (this.messageHandlers.size === 0) throw new Error('There is no @EventPattern(topic) handler; add one per topic');
    for (const [pattern, handler] of this.messageHandlers as Map<unknown, MessageHandler>) {
      if (typeof pattern !== 'string') throw new Error(`${String(pattern)} is a pattern; give the topic's full name`);
      if (!handler.isEventHandler) throw new Error(`Topic ${pattern} has a @MessagePattern; give it an @EventPattern`);
      if (handler.next) throw new Error(`Topic ${pattern} has two handlers, and a batch has one outcome; keep one`);
    }
  }

  private async handle(batch: RecordBatch): Promise<unknown> {
    const handler = this.messageHandlers.get(batch.topic);
    if (!handler) throw new Error(`No handler for topic ${batch.topic}; nothing of it is committed`);
    const { topic, partition, heartbeat } = batch;
    const context = new KafkaContext([batch, partition, topic, this.consumer, heartbeat, null] as never);
    const answer: unknown = await handler(batch, context);
    return isObservable(answer) ? await lastValueFrom(answer) : answer;
  }
}
