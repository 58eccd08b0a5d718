import type { DeadLetterRepository } from '@orderstream/cassandra';
import { KafkaSendError, type PartitionProducer } from '@orderstream/kafka';
import type { Log, Metrics } from '@orderstream/observability';
import { letterMessage, letterRow, shortLetterMessage, type Refusal } from './dead-letter.js';

const TOO_LARGE: ReadonlySet<string> = new Set(['message_too_large', 'record_list_too_large', 'invalid_record']);

/** Writes letters to the table, then to the topic, both awaited. Writing the same letters again changes nothing. */
export class DeadLetterWriter {
  constructor(
    private readonly letters: DeadLetterRepository,
    private readonly producer: PartitionProducer,
    private readonly metrics: Metrics,
    private readonly log: Log,
  ) {}

  /**
   * `refusals` are of one topic and few enough for one send. Rejects as the store or the broker did; sends that the
   * signal ends are not tried any more.
   */
  async write(refusals: readonly Refusal[], signal: AbortSignal): Promise<void> {
    const nowMs = Date.now();
    const rows = refusals.map((refusal) => letterRow(refusal, nowMs));
    await Promise.all(rows.map((row) => this.letters.put(row)));
    await this.announce(refusals, signal);
    for (const { topic, stream, stage, code } of rows) {
      this.metrics.counters.deadLetters.inc({ topic, code });
      this.metrics.counters.rowsRejected.inc({ stream, stage, code });
    }
    const { id, code, reason } = rows[0]!;
    this.log.warn({ topic: rows[0]!.topic, letters: rows.length, first: { id, code, reason } }, 'dead letters written');
  }

  /** On the topic; a letter that is too large for it goes again cut short, for its row has the whole. */
  private async announce(refusals: readonly Refusal[], signal: AbortSignal): Promise<void> {
    try {
      await this.send(refusals.map(letterMessage), signal);
    } catch (error) {
      if (!(error instanceof KafkaSendError) || !TOO_LARGE.has(error.code)) throw error;
      for (const refusal of refusals) await this.send([shortLetterMessage(refusal)], signal);
    }
  }

  private async send(letters: readonly ReturnType<typeof letterMessage>[], signal: AbortSignal): Promise<void> {
    const messages = letters.map(({ message }) => message);
    await this.producer.send(letters[0]!.topic, 0, messages, { signal });
  }
}
