import type { LetterPosition, RejectEntry } from '@orderstream/cassandra';
import type { JobView } from '@orderstream/contracts';
import { lastAttemptOf } from '../track/job-view.js';
import { isOfJob, OPEN, type RejectStores } from './open-rejects.js';

/** A row of a job that counts as rejected: of the door by its `reject` alone, of the sink by its `letter`. */
export interface RejectedRow {
  readonly row: number;
  readonly letter?: LetterPosition;
  /** why; of a letter's row only where a repair was wrong again, and in the place of the letter's own reason */
  readonly reject?: NonNullable<RejectEntry['reject']>;
}

type OfJob = Pick<JobView, 'id' | 'segments'>;

/**
 * The rows of a job that are rejected now, those that an operator has discarded included, from row `from` on, ascending.
 * The rejects of the door are read as the rows are taken, the places of the job's letters at once. Throws what Cassandra
 * does.
 */
export async function* rejectedRows(job: OfJob, from: number, stores: RejectStores): AsyncGenerator<RejectedRow> {
  const lastAttempt = lastAttemptOf(job.segments);
  const letters = await lettersOf(job, from, stores);
  let next = 0;
  for await (const page of stores.rejects.entries(job.id, { from })) {
    for (const entry of page) {
      for (; next < letters.length && letters[next]!.row < entry.row; next++) yield letters[next]!;
      const letter = letters[next]?.row === entry.row ? letters[next++]!.letter : undefined;
      const rejected = rejectedBy(entry, lastAttempt, letter);
      if (rejected) yield rejected;
    }
  }
  yield* letters.slice(next);
}

/** Of several letters of a row, the one of its newest attempt. */
async function lettersOf({ id, segments }: OfJob, from: number, { letters }: RejectStores) {
  const letterByRow = new Map<number, LetterPosition>();
  for await (const page of letters.positionsOfJob(id)) {
    for (const letter of page) {
      const { jobRow: row = -1, state, attempt } = letter;
      const counts = row >= from && (OPEN.has(state) || state === 'discarded') && isOfJob(segments, letter);
      if (counts && attempt >= (letterByRow.get(row)?.attempt ?? 0)) letterByRow.set(row, letter);
    }
  }
  return [...letterByRow].map(([row, letter]) => ({ row, letter })).sort((a, b) => a.row - b.row);
}

/** A mark of a repair that never came to its end does not count. */
function rejectedBy(entry: RejectEntry, lastAttempt: number, letter?: LetterPosition): RejectedRow | undefined {
  const { row, reject, repairedAttempt = 0 } = entry;
  const repaired = repairedAttempt > lastAttempt ? 0 : repairedAttempt;
  if (letter && letter.attempt >= repaired)
    return reject && reject.stage !== 'door' ? { row, letter, reject } : { row, letter };
  return reject?.stage === 'door' && repaired === 0 ? { row, reject } : undefined;
}
