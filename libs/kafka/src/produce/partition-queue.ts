import { backoffMs, wait, type BackoffOptions } from '@orderstream/resilience';
import type { OutMessage } from './out-message.js';
import type { PendingSend } from './pending-send.js';
import type { ProducerEvents, ProducerPort } from './producer.options.js';
import { toSendError } from './send-error.js';

/** So many requests of single records may go in a row while a bulk send waits; then the bulk send has its turn. */
const PRIORITY_TURNS = 4;

export interface QueueOptions {
  readonly backoff: BackoffOptions;
  readonly mergedMessages: number;
  readonly mergedBytes: number;
  readonly events: ProducerEvents;
}

/**
 * The sends of one partition: one request in flight, in the order of the calls, single records before bulk sends.
 * Only when a request is answered, or given up with an error, the next one starts; so retries cannot reorder a key.
 */
export class PartitionQueue {
  private readonly singles: PendingSend[] = [];
  private readonly bulks: PendingSend[] = [];
  private turnsSinceBulk = 0;
  private draining: Promise<void> | undefined;

  constructor(
    private readonly topic: string,
    private readonly partition: number,
    private readonly port: Pick<ProducerPort, 'send'>,
    private readonly options: QueueOptions,
  ) {}

  add(send: PendingSend, priority: boolean): void {
    (priority ? this.singles : this.bulks).push(send);
    this.draining ??= this.drain();
  }

  /** Resolves when nothing is queued or in flight. */
  async idle(): Promise<void> {
    while (this.draining) await this.draining;
  }

  private async drain(): Promise<void> {
    // Calls of the same turn of the event loop can so be merged into the first request.
    await Promise.resolve();
    for (let group = this.next(); group.length > 0; group = this.next()) await this.deliver(group);
    this.draining = undefined;
  }

  private next(): PendingSend[] {
    const bulkWaits = this.bulks.length > 0;
    if (this.singles.length > 0 && !(bulkWaits && this.turnsSinceBulk >= PRIORITY_TURNS)) {
      this.turnsSinceBulk = bulkWaits ? this.turnsSinceBulk + 1 : 0;
      const group = this.mergeSingles();
      if (group.length > 0) return group;
    }
    this.turnsSinceBulk = 0;
    for (let send = this.bulks.shift(); send; send = this.bulks.shift()) if (send.waiting) return [send];
    return this.singles.length > 0 ? this.mergeSingles() : [];
  }

  private mergeSingles(): PendingSend[] {
    const { mergedMessages, mergedBytes } = this.options;
    const group: PendingSend[] = [];
    let messages = 0;
    let bytes = 0;
    for (let send = this.singles[0]; send; send = this.singles[0]) {
      if (send.waiting) {
        messages += send.messages.length;
        bytes += send.bytes();
        if (group.length > 0 && (messages > mergedMessages || bytes > mergedBytes)) break;
        group.push(send);
      }
      this.singles.shift();
    }
    return group;
  }

  /** Settles every send of the group; never rejects. */
  private async deliver(group: readonly PendingSend[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const waiting = group.filter((send) => send.waiting);
      if (waiting.length === 0) return;
      try {
        return await this.attempt(waiting);
      } catch (thrown) {
        const error = toSendError(thrown, this.topic, this.partition);
        if (error.retriable) await this.pause(attempt, error);
        else if (waiting.length === 1) return waiting[0]!.reject(error);
        // One record that is refused must not take its merged neighbours along.
        else return await this.deliverOneByOne(waiting);
      }
    }
  }

  private async deliverOneByOne(sends: readonly PendingSend[]): Promise<void> {
    for (const send of sends) await this.deliver([send]);
  }

  private async attempt(sends: readonly PendingSend[]): Promise<void> {
    const messages: readonly OutMessage[] = sends.length === 1 ? sends[0]!.messages : sends.flatMap((s) => s.messages);
    const startedAt = performance.now();
    const base = await this.port.send(this.topic, this.partition, messages);
    const latencyMs = performance.now() - startedAt;
    const { topic, partition } = this;
    let offset = base;
    for (const send of sends) {
      send.resolve({ topic, partition, baseOffset: offset.toString(), count: send.messages.length });
      offset += BigInt(send.messages.length);
    }
    this.options.events.onAcknowledged?.({ topic, partition, count: messages.length, sends: sends.length, latencyMs });
  }

  private async pause(attempt: number, error: ReturnType<typeof toSendError>): Promise<void> {
    const delayMs = backoffMs(attempt - 1, this.options.backoff);
    this.options.events.onRetry?.({ topic: this.topic, partition: this.partition, attempt, delayMs, error });
    await wait(delayMs);
  }
}
