import type { OutMessage, PartitionProducer } from '@orderstream/kafka';
import { wait } from '@orderstream/resilience';
import type { PublishOptions } from '../publish/job-publisher.js';

/** Sends at least so often while there is something to send, per second. */
const SENDS_PER_SECOND = 4;
const MOST_RECORDS = 200;

export type SendingOptions = Pick<PublishOptions, 'flow' | 'timeoutMs' | 'maxBytes'>;

/** Sends records at a rate, one partition at a time, and no more than the sink keeps up with. */
export class LetterSender {
  private nextAt = 0;

  constructor(
    private readonly producer: PartitionProducer,
    private readonly options: SendingOptions,
    /** records per second */
    private readonly rate: number,
    /** nothing is waited for any more once it aborts */
    private readonly stop: AbortSignal,
  ) {}

  /** Most records, and most bytes, of one send. */
  get limits(): { readonly records: number; readonly bytes: number } {
    const records = Math.max(1, Math.min(MOST_RECORDS, Math.floor(this.rate / SENDS_PER_SECOND)));
    return { records, bytes: this.options.maxBytes };
  }

  /** The offset of the first one, once Kafka has them all. Rejects with a KafkaSendError. */
  async send(topic: string, partition: number, messages: readonly OutMessage[]): Promise<bigint> {
    const { flow, timeoutMs } = this.options;
    await this.turn(messages.length);
    flow.sending(messages.length);
    let acknowledged = false;
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const { baseOffset } = await this.producer.send(topic, partition, messages, { signal });
      acknowledged = true;
      return BigInt(baseOffset);
    } finally {
      flow.sent(messages.length, { acknowledged });
    }
  }

  private async turn(records: number): Promise<void> {
    await this.options.flow.room(this.stop);
    const waitMs = this.nextAt - performance.now();
    if (waitMs > 0 && !this.stop.aborted) await wait(waitMs, this.stop).catch(() => undefined); // it is sent all the same
    this.nextAt = Math.max(this.nextAt, performance.now()) + (records / this.rate) * 1_000;
  }
}
