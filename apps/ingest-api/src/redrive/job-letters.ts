import type { RedriveLetter } from '@orderstream/cassandra';
import type { ReopenedJob } from '../reject/job-reopener.js';
import type { OpenReject } from '../reject/open-rejects.js';
import { SegmentIndex } from '../track/segment-index.js';
import { placeOfLetter } from './letter-place.js';

/** Letters that name one job, by what is left to do about them. */
export interface JobLetters {
  /** their copies count for the job already */
  readonly done: readonly RedriveLetter[];
  /** they count for the job, and their copies were acknowledged before a crash: only the count is left to do */
  readonly sent: readonly RedriveLetter[];
  /** they count for the job */
  readonly unsent: readonly RedriveLetter[];
  /** the job does not count them */
  readonly others: readonly RedriveLetter[];
  /** of those that count */
  readonly rejectById: ReadonlyMap<string, OpenReject>;
}

/** `attempt` is the one that is next. */
export function sortLetters(
  letters: readonly RedriveLetter[],
  { open, segments }: ReopenedJob,
  attempt: number,
): JobLetters {
  const rejectById = new Map<string, OpenReject>();
  for (const reject of open.byRow.values()) if (reject.letter) rejectById.set(reject.letter.id, reject);
  const { done, rest } = byCount(letters, new SegmentIndex(segments));
  const counted = rest.filter(({ id }) => rejectById.has(id));
  return {
    done,
    sent: counted.filter(({ sentAttempt }) => sentAttempt === attempt),
    unsent: counted.filter(({ sentAttempt }) => sentAttempt !== attempt),
    others: rest.filter(({ id }) => !rejectById.has(id)),
    rejectById,
  };
}

/** Those whose copies lie in the segments of their job, and the rest. */
export function byCount(letters: readonly RedriveLetter[], segments: SegmentIndex) {
  const done: RedriveLetter[] = [];
  const rest: RedriveLetter[] = [];
  for (const letter of letters) (isIn(segments, letter) ? done : rest).push(letter);
  return { done, rest };
}

function isIn(segments: SegmentIndex, { id, sentOffset }: RedriveLetter): boolean {
  if (sentOffset === undefined) return false;
  const { topic, partition } = placeOfLetter(id);
  return segments.has(topic, partition, BigInt(sentOffset));
}
