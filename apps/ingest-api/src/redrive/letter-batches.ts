import type { DeadLetterRepository, RedriveLetter, StoredDeadLetter } from '@orderstream/cassandra';
import { outMessageBytes, type OutMessage } from '@orderstream/kafka';
import type { SchemaCatalog } from '@orderstream/schemas';
import type { Parking } from './parking.js';
import { redrivenRecord, Unfit, type RedriveAs } from './redriven-record.js';
import type { RedriveReport } from './redrive-report.js';

/** Letters that are taken at once; a value is up to 7 MiB. */
const AT_ONCE = 16;
const SCHEMA_DEADLINE_MS = 3_000;

/** A letter that is `redriven` now, and its record, to be sent. */
export interface TakenLetter {
  readonly letter: RedriveLetter;
  readonly stored: StoredDeadLetter;
  readonly message: OutMessage;
}

/** For one send. */
export interface LetterBatch {
  readonly topic: string;
  readonly partition: number;
  readonly taken: readonly TakenLetter[];
}

/** How the letters of one job, or of none, are sent. */
export interface TakeAs {
  readonly attemptOf: (letter: StoredDeadLetter) => number;
  /** how often the sink has refused the record */
  readonly failuresOf: (letter: StoredDeadLetter) => number;
}

export interface BatchParts {
  readonly letters: Pick<DeadLetterRepository, 'find' | 'move'>;
  readonly parking: Parking;
  readonly report: RedriveReport;
  readonly patch: RedriveAs['patch'];
  readonly schemas: SchemaCatalog;
  readonly limits: { readonly records: number; readonly bytes: number };
  /** no further letter is taken once it aborts */
  readonly stop: AbortSignal;
}

/** Takes letters, open → redriven, and hands them on as batches of one partition. Parks those that are not to be sent. */
export class LetterBatches {
  constructor(private readonly parts: BatchParts) {}

  /** In the order given. Every letter that was taken is in a batch, also when the work is stopped. Rejects as Cassandra did. */
  async *of(letters: readonly RedriveLetter[], how: TakeAs): AsyncGenerator<LetterBatch> {
    const { limits, stop } = this.parts;
    let open: TakenLetter[] = [];
    let bytes = 0;
    for (let at = 0; at < letters.length && !stop.aborted; at += AT_ONCE) {
      const some = await Promise.all(letters.slice(at, at + AT_ONCE).map((letter) => this.take(letter, how)));
      for (const taken of some) {
        if (!taken) continue;
        const size = outMessageBytes(taken.message);
        const isFull = open.length >= limits.records || bytes + size > limits.bytes;
        if (open[0] && (isFull || !isBeside(open[0], taken))) {
          yield batchOf(open);
          [open, bytes] = [[], 0];
        }
        open.push(taken);
        bytes += size;
      }
    }
    if (open.length > 0) yield batchOf(open);
  }

  private async take(letter: RedriveLetter, how: TakeAs): Promise<TakenLetter | undefined> {
    const { letters, parking, report, patch } = this.parts;
    const stored = await letters.find(letter.id);
    if (!stored || (stored.state !== 'open' && stored.state !== 'redriven')) return undefined;
    const reason = await parking.reasonFor(stored, how.failuresOf(stored));
    if (reason !== undefined) {
      if (await letters.move(stored, stored.state, 'parked')) report.park(stored.topic, reason);
      return undefined;
    }
    const schemas = await this.schemasOf(stored);
    const message = redrivenRecord(stored, { attempt: how.attemptOf(stored), patch, schemas });
    if (message instanceof Unfit) {
      if (stored.state === 'redriven') await letters.move(stored, 'redriven', 'open');
      report.leave(message.why);
      return undefined;
    }
    const isOurs = stored.state === 'redriven' || (await letters.move(stored, 'open', 'redriven'));
    return isOurs ? { letter, stored, message } : undefined;
  }

  /** Only a patch has to read the value. */
  private async schemasOf({ value }: StoredDeadLetter): Promise<RedriveAs['schemas']> {
    const { patch, schemas } = this.parts;
    return patch === undefined
      ? undefined
      : (await schemas.resolve([{ value: value && Buffer.from(value) }], SCHEMA_DEADLINE_MS)).schemas;
  }
}

const isBeside = (a: TakenLetter, b: TakenLetter): boolean =>
  a.stored.topic === b.stored.topic && a.stored.partition === b.stored.partition;

const batchOf = (taken: readonly TakenLetter[]): LetterBatch => {
  const { topic, partition } = taken[0]!.stored;
  return { topic, partition, taken };
};
