import type { DeadLetterRepository, LetterPosition, RedriveLetter, RedriveRepository } from '@orderstream/cassandra';
import { KafkaSendError } from '@orderstream/kafka';
import type { ActiveJob } from '../track/active-job.js';
import { SegmentIndex } from '../track/segment-index.js';
import type { LetterBatch, TakenLetter } from './letter-batches.js';
import type { LetterSender } from './letter-sender.js';
import type { RedriveReport } from './redrive-report.js';
import { placeOfLetter } from './letter-place.js';

const REFUSED: ReadonlySet<string> = new Set(['message_too_large', 'record_list_too_large', 'invalid_record']);

export interface SendingParts {
  readonly redrives: Pick<RedriveRepository, 'noteSent'>;
  readonly letters: Pick<DeadLetterRepository, 'move'>;
  readonly sender: LetterSender;
  readonly report: RedriveReport;
}

/** Sends taken letters, notes where their copies lie, and counts each of them once as a row of the redrive. */
export class RedriveSending {
  private readonly counted: SegmentIndex;

  constructor(
    private readonly job: ActiveJob,
    private readonly parts: SendingParts,
  ) {
    this.counted = new SegmentIndex(job.segments); // by the process that went before, if one did
  }

  /** Those that Kafka has acknowledged. A record that it refuses for good leaves its letter open. */
  async send({ topic, partition, taken }: LetterBatch): Promise<RedriveLetter[]> {
    try {
      const base = await this.parts.sender.send(
        topic,
        partition,
        taken.map(({ message }) => message),
      );
      return await this.note({ topic, partition, taken }, base);
    } catch (error) {
      if (!(error instanceof KafkaSendError) || !REFUSED.has(error.code)) throw error;
      if (taken.length === 1) return this.leave(taken[0]!, error);
    }
    const sent: RedriveLetter[] = [];
    for (const one of taken) sent.push(...(await this.send({ topic, partition, taken: [one] })));
    return sent;
  }

  /** Copies that were acknowledged before a crash. */
  recount(letters: readonly RedriveLetter[]): void {
    for (const letter of letters) {
      const { topic, partition } = placeOfLetter(letter.id);
      const offset = BigInt(letter.sentOffset!);
      if (!this.counted.has(topic, partition, offset)) this.count(topic, partition, offset, [letter]);
    }
  }

  private async note({ topic, partition, taken }: LetterBatch, base: bigint): Promise<RedriveLetter[]> {
    const sent = taken.map(({ letter, message }, i) => ({
      ...letter,
      sentOffset: String(base + BigInt(i)),
      sentAttempt: Number(message.headers!['os-attempt']),
    }));
    await this.parts.redrives.noteSent(this.job.id, sent);
    this.count(topic, partition, base, sent);
    return sent;
  }

  private count(topic: string, partition: number, base: bigint, sent: readonly RedriveLetter[]): void {
    this.parts.report.countSent(topic, sent.length);
    this.job.acknowledge({
      topic,
      partition,
      base: String(base),
      count: sent.length,
      firstRow: sent[0]!.position,
      lastRow: sent.at(-1)!.position,
      attempt: 1,
    });
  }

  private async leave({ stored }: TakenLetter, { message }: KafkaSendError): Promise<RedriveLetter[]> {
    await this.parts.letters.move(stored, 'redriven', 'open');
    this.parts.report.leave(`Kafka refuses the record: ${message}`);
    return [];
  }
}

/** As it is once its copy was sent. */
export const redriven = (letter: LetterPosition): LetterPosition => ({ ...letter, state: 'redriven' });
