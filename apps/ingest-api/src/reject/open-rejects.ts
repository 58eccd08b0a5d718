import type { DeadLetterRepository, LetterPosition, RejectEntry, RejectRepository } from '@orderstream/cassandra';
import type { Segment } from '@orderstream/contracts';
import { lastAttemptOf } from '../track/job-view.js';
import { SegmentIndex } from '../track/segment-index.js';
import { isSameRecord } from './same-record.js';

/** Letters that a repair can still make good. */
export const OPEN: ReadonlySet<LetterPosition['state']> = new Set(['open', 'redriven', 'parked']);

/** A row of a job that is not stored. */
export interface OpenReject {
  readonly row: number;
  readonly code: string;
  /** of the sink; undefined: the row was refused at the door */
  readonly letter?: LetterPosition;
  /** it was repaired, and wrong again: the new reason stands in the table of the door's rejects */
  readonly hasNewReason: boolean;
}

export interface OpenRejects {
  readonly byRow: ReadonlyMap<number, OpenReject>;
  /** codes of rejected rows that nobody can repair any more */
  readonly closedCodes: readonly string[];
  /** rows marked by a repair that never came to its end */
  readonly staleMarks: readonly number[];
  /** letters of rows that were repaired, whose state was not written any more, and of copies of their records */
  readonly superseded: readonly LetterPosition[];
  /** how often the sink has refused a row */
  readonly failuresByRow: ReadonlyMap<number, number>;
  /** attempt of the last repair or redrive, or 1 */
  readonly lastAttempt: number;
}

export interface RejectStores {
  readonly rejects: RejectRepository;
  readonly letters: DeadLetterRepository;
}

/**
 * All rows of a job that are rejected now. A mark counts once the job has segments of its attempt, for these are written
 * in one piece with the counts; a letter counts where Kafka acknowledged its record for this job, and no later attempt
 * has published its row again. Rejects as Cassandra did.
 */
export async function openRejectsOf(
  jobId: string,
  segments: readonly Segment[],
  { rejects, letters }: RejectStores,
): Promise<OpenRejects> {
  const lastAttempt = lastAttemptOf(segments);
  const byRow = new Map<number, OpenReject>();
  const noted = await notedOf(jobId, lastAttempt, rejects);
  for (const { row, code } of noted.atDoor) byRow.set(row, { row, code, hasNewReason: false });
  const sorting = new LetterSorting(new SegmentIndex(segments), noted, byRow);
  for await (const page of letters.positionsOfJob(jobId)) for (const letter of page) sorting.add(letter);
  const { closedCodes, failuresByRow, beside, repaired } = sorting;
  const superseded = [...sorting.superseded, ...(await copiesAmong(beside, repaired, letters))];
  return { byRow, closedCodes, staleMarks: noted.stale, superseded, failuresByRow, lastAttempt };
}

/** The letters that name a job, by what they are for its rows. */
class LetterSorting {
  readonly closedCodes: string[] = [];
  readonly superseded: LetterPosition[] = [];
  readonly failuresByRow = new Map<number, number>();
  /** letters of rows that were published again since, in whatever state */
  readonly repaired: LetterPosition[] = [];
  /** open letters that name such rows, and whose records were acknowledged for nobody */
  readonly beside: LetterPosition[] = [];

  constructor(
    private readonly index: SegmentIndex,
    private readonly noted: Noted,
    private readonly byRow: Map<number, OpenReject>,
  ) {}

  add(letter: LetterPosition): void {
    const { jobRow: row, state, topic, partition, offset } = letter;
    const isOld = row !== undefined && letter.attempt < (this.noted.attemptByRow.get(row) ?? 0);
    if (!this.index.has(topic, partition, BigInt(offset))) {
      if (isOld && OPEN.has(state)) this.beside.push(letter);
      return;
    }
    if (isOld) this.repaired.push(letter);
    if (row !== undefined) this.failuresByRow.set(row, (this.failuresByRow.get(row) ?? 0) + 1);
    this.count(letter, isOld);
  }

  private count(letter: LetterPosition, isOld: boolean): void {
    const { jobRow: row, state, code } = letter;
    if (row !== undefined && OPEN.has(state)) {
      const newReason = this.noted.newCodeByRow.get(row);
      if (isOld) this.superseded.push(letter);
      else this.byRow.set(row, { row, code: newReason ?? code, letter, hasNewReason: newReason !== undefined });
    } else if (OPEN.has(state) || state === 'discarded') this.closedCodes.push(code);
  }
}

/** A record may stand twice in its topic; sent again after its row was repaired, it would bring the old content back. */
async function copiesAmong(
  beside: readonly LetterPosition[],
  repaired: readonly LetterPosition[],
  letters: RejectStores['letters'],
): Promise<LetterPosition[]> {
  const copies: LetterPosition[] = [];
  const originalById = new Map(repaired.map((letter) => [nameOf(letter), letter.id]));
  for (const letter of beside) {
    const originalId = originalById.get(nameOf(letter));
    if (originalId === undefined) continue;
    const [found, original] = await Promise.all([letters.find(letter.id), letters.find(originalId)]);
    if (found && original && isSameRecord(found, original)) copies.push(letter);
  }
  return copies;
}

const nameOf = ({ jobRow, attempt }: LetterPosition): string => `${jobRow}/${attempt}`;

interface Noted {
  readonly atDoor: { readonly row: number; readonly code: string }[];
  readonly stale: number[];
  readonly attemptByRow: Map<number, number>;
  readonly newCodeByRow: Map<number, string>;
}

async function notedOf(jobId: string, lastAttempt: number, rejects: RejectRepository): Promise<Noted> {
  const noted: Noted = { atDoor: [], stale: [], attemptByRow: new Map(), newCodeByRow: new Map() };
  for await (const page of rejects.entries(jobId)) for (const entry of page) note(entry, lastAttempt, noted);
  return noted;
}

function note({ row, reject, repairedAttempt = 0 }: RejectEntry, lastAttempt: number, noted: Noted): void {
  if (repairedAttempt > lastAttempt) noted.stale.push(row);
  else if (repairedAttempt > 0) noted.attemptByRow.set(row, repairedAttempt);
  if (reject?.stage === 'door') {
    if (!noted.attemptByRow.has(row)) noted.atDoor.push({ row, code: reject.code });
  } else if (reject) noted.newCodeByRow.set(row, reject.code);
}

/** A record of the job was acknowledged where the letter is from. */
export function isOfJob(segments: readonly Segment[], letter: LetterPosition): boolean {
  const offset = BigInt(letter.offset);
  return segments.some(({ topic, partition, base, count }) => {
    const inside = offset - BigInt(base);
    return topic === letter.topic && partition === letter.partition && inside >= 0n && inside < BigInt(count);
  });
}
