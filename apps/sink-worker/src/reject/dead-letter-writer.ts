import type { DeadLetterRepository } from '@orderstream/cassandra';
import { KafkaSendError, type PartitionProducer } from '@orderstream/kafka';
import type { Log, Metrics } from '@orderstream/observability';
import { letterMessage, letterRow, type Refusal } from './dead-letter.js';

const TOO_LARGE: ReadonlySet<string> = new Set(['message_too_large', 'record_list_too_large', 'invalid_record']);
/** Passes any topic whose limit is Kafka's default, many headers included. */
const SHORT_VALUE_BYTES = 500_000;

/** Writes letters to the table, then to the topic, both awaited. Writing the same letters again changes nothing. */
export class DeadLetterWriter {
  constructor(
    private readonly letters: DeadLetterRepository,
    private readonly producer: PartitionProducer,
    private readonly metrics: Metrics,
    private readonly log: Log,
  ) {}

  /** `refusals` are of one topic and few enough for one send. Rejects as the store or the broker did. */
  async write(refusals: readonly Refusal[]): Promise<void> {
    const nowMs = Date.now();
    const rows = refusals.map((refusal) => letterRow(refusal, nowMs));
    await Promise.all(rows.map((row) => this.letters.put(row)));
    await this.announce(refusals);
    for (const { topic, stream, stage, code } of rows) {
      this.metrics.counters.deadLetters.inc({ topic, code });
      this.metrics.counters.rowsRejected.inc({ stream, stage, code });
    }
    const { id, code, reason } = rows[0]!;
    this.log.warn({ topic: rows[0]!.topic, letters: rows.length, first: { id, code, reason } }, 'dead letters written');
  }

  /** On the topic; a letter that is too large for it goes again with a shorter value, for its row has the whole. */
  private async announce(refusals: readonly Refusal[]): Promise<void> {
    try {
      await this.send(refusals.map((refusal) => letterMessage(refusal)));
    } catch (error) {
      if (!(error instanceof KafkaSendError) || !TOO_LARGE.has(error.code)) throw error;
      for (const refusal of refusals) await this.send([letterMessage(refusal, SHORT_VALUE_BYTES)]);
    }
  }

  private async send(letters: readonly ReturnType<typeof letterMessage>[]): Promise<void> {
    const messages = letters.map(({ message }) => message);
    await this.producer.send(letters[0]!.topic, 0, messages);
  }
}
