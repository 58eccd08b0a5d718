import type { DeadLetterRepository } from '@orderstream/cassandra';
import type { PartitionProducer } from '@orderstream/kafka';
import type { Log, Metrics } from '@orderstream/observability';
import { letterMessage, letterRow, type Refusal } from './dead-letter.js';

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
    const messages = refusals.map(letterMessage);
    await this.producer.send(
      messages[0]!.topic,
      0,
      messages.map(({ message }) => message),
    );
    for (const row of rows) {
      this.metrics.counters.deadLetters.inc({ topic: row.topic, code: row.code });
      this.metrics.counters.rowsRejected.inc({ stream: row.stream, stage: row.stage, code: row.code });
      this.log.warn({ letter: row.id, code: row.code, stage: row.stage, job: row.jobId }, `dead letter: ${row.reason}`);
    }
  }
}
