import { retryUntil, wait } from '@orderstream/resilience';
import { failureOf } from '../kafka-errors.js';
import type { OutMessage } from './out-message.js';
import { PartitionQueue, type QueueOptions } from './partition-queue.js';
import { PendingSend } from './pending-send.js';
import type { PartitionProducerOptions, ProducerPort, SendOptions, SendResult } from './producer.options.js';
import { KafkaSendError } from './send-error.js';

const DEFAULTS = {
  backoff: { initialMs: 100, maxMs: 2_000 },
  mergedMessages: 500,
  mergedBytes: 512 * 1024,
} as const;

/**
 * Sends to Kafka with one partition per request and one request in flight per partition; partitions go in parallel.
 * kafkajs loses acknowledged records when a request spans several partitions and a leader dies, so it never does.
 */
export class PartitionProducer {
  private readonly options: QueueOptions;
  private readonly queueByPartition = new Map<string, PartitionQueue>();
  private readonly countByTopic = new Map<string, number>();
  private readonly waiting = new Set<PendingSend>();
  private closed = false;

  constructor(
    private readonly port: ProducerPort,
    options: PartitionProducerOptions = {},
  ) {
    this.options = { ...DEFAULTS, events: {}, ...options };
  }

  /**
   * Tries until Kafka answers or the signal aborts (rejects with its reason). Rejects at once when Kafka refuses the
   * credentials.
   */
  async connect(signal?: AbortSignal): Promise<void> {
    await retryUntil(() => this.port.connect(), {
      ...this.options.backoff,
      ...(signal ? { signal } : {}),
      shouldRetry: (error) => failureOf(error).retriable,
      onRetry: (error) => this.options.events.onWaiting?.(error),
    });
  }

  /** Partitions of a topic, from the cluster's metadata; asked once, and again with `refresh`. Rejects as Kafka does. */
  async partitionCount(topic: string, { refresh = false } = {}): Promise<number> {
    const was = this.countByTopic.get(topic);
    if (was !== undefined && !refresh) return was;
    const now = await this.port.countPartitions(topic);
    this.countByTopic.set(topic, now);
    if (was !== undefined && was !== now) this.options.events.onPartitionCountChanged?.({ topic, was, now });
    return now;
  }

  /**
   * Resolves when Kafka has acknowledged all messages, with their base offset. Retriable failures are retried until
   * the signal aborts; otherwise, and then, it rejects with a KafkaSendError. Keep one call below the topic's
   * `max.message.bytes` (see `outMessageBytes`).
   */
  send(
    topic: string,
    partition: number,
    messages: readonly OutMessage[],
    options: SendOptions = {},
  ): Promise<SendResult> {
    if (this.closed) return Promise.reject(closedError());
    if (messages.length === 0) {
      return Promise.reject(new KafkaSendError('empty_send', 'A send needs at least one message', false));
    }
    const send = new PendingSend(messages, options.signal);
    this.waiting.add(send);
    this.queueOf(topic, partition).add(send, options.priority === true);
    const forget = (): boolean => this.waiting.delete(send);
    send.promise.then(forget, forget);
    return send.promise;
  }

  /**
   * Takes no more sends and waits for those it has; what is not answered after `deadlineMs` is rejected with code
   * `closed`. Then disconnects.
   */
  async disconnect(deadlineMs = 10_000): Promise<void> {
    this.closed = true;
    const stop = new AbortController();
    const idle = Promise.all([...this.queueByPartition.values()].map((queue) => queue.idle()));
    await Promise.race([idle, wait(deadlineMs, stop.signal).catch(() => undefined)]);
    stop.abort();
    for (const send of this.waiting) send.reject(closedError());
    await this.port.disconnect();
  }

  private queueOf(topic: string, partition: number): PartitionQueue {
    const name = `${topic}/${partition}`;
    let queue = this.queueByPartition.get(name);
    if (!queue) {
      queue = new PartitionQueue(topic, partition, this.port, this.options);
      this.queueByPartition.set(name, queue);
    }
    return queue;
  }
}

function closedError(): KafkaSendError {
  return new KafkaSendError(
    'closed',
    'The producer is shutting down; the records may be stored or not, send them again after the restart',
    true,
  );
}
