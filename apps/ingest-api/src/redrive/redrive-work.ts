import type { LeaseRepository, LetterPosition, RedriveLetter } from '@orderstream/cassandra';
import { ProblemError } from '@orderstream/contracts';
import type { JobReopener, ReopenedJob } from '../reject/job-reopener.js';
import { withRepairLease } from '../reject/repair-lease.js';
import { RepairOutcome } from '../reject/repair-outcome.js';
import type { JobReader } from '../track/job-reader.js';
import { SegmentIndex } from '../track/segment-index.js';
import { byCount, sortLetters } from './job-letters.js';
import type { LetterBatches } from './letter-batches.js';
import type { LetterMoves } from './letter-moves.js';
import { placeOfLetter } from './letter-place.js';
import type { RedriveReport } from './redrive-report.js';
import { redriven, type RedriveSending } from './redrive-sending.js';
import { segmentsOf, type SentPlace } from './sent-places.js';

/** How long all jobs together are waited for that are not settled yet, ms. */
const SETTLE_MS = 15_000;

export interface WorkParts {
  readonly moves: LetterMoves;
  readonly leases: LeaseRepository;
  readonly reader: JobReader;
  readonly reopener: JobReopener;
  readonly batches: LetterBatches;
  readonly sending: RedriveSending;
  readonly report: RedriveReport;
  /** no further letter is taken once it aborts */
  readonly stop: AbortSignal;
  /** the process ends: what can be done later is left for whoever goes on */
  readonly ending: AbortSignal;
}

/**
 * The letters of a redrive, job by job, because the counts of their jobs move: taken (open → redriven), sent with the next
 * attempt, counted by the one write of `JobReopener`, closed. It can be cut off between any two steps and done again from the
 * beginning: the state of a letter, the place of its copy and the segments of its job say what is left.
 */
export class RedriveWork {
  private readonly settleUntil = Date.now() + SETTLE_MS;

  constructor(private readonly parts: WorkParts) {}

  /** `letters` in the order of their rows, those of one job beside each other. Rejects as Cassandra and Kafka did. */
  async run(letters: readonly RedriveLetter[]): Promise<void> {
    for (const some of byJob(letters)) {
      if (this.parts.stop.aborted) return;
      const { jobId } = some[0]!;
      const ofJob = jobId !== undefined && (await this.isJob(jobId));
      if (this.parts.stop.aborted) return;
      await (ofJob ? this.sendOfJob(jobId, some) : this.sendFree(some));
    }
  }

  /** A producer may name any job. */
  private async isJob(id: string): Promise<boolean> {
    try {
      const view = await this.parts.reader.view(id);
      if (view.settledAt !== null) return true;
      const leftMs = Math.max(0, this.settleUntil - Date.now());
      await this.parts.reader.waitSettled(id, leftMs, this.parts.stop).catch(unlessStopped(this.parts.stop));
      return true;
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'job_not_found') return false;
      throw error;
    }
  }

  private async sendOfJob(jobId: string, letters: readonly RedriveLetter[]): Promise<void> {
    const { leases, reopener } = this.parts;
    let begun = false;
    try {
      await withRepairLease(leases, jobId, async (lease) => {
        await reopener.settledView(jobId);
        const reopened = await reopener.begin(jobId, lease);
        begun = true;
        await this.sendUnder(reopened, letters);
      });
    } catch (error) {
      if (begun || !isOthers(error)) throw error;
      await this.leave(jobId, letters, error.detail);
    }
  }

  private async sendUnder(reopened: ReopenedJob, letters: readonly RedriveLetter[]): Promise<void> {
    const { batches, sending, reopener, moves, ending, stop } = this.parts;
    const { open, lease } = reopened;
    const attempt = open.lastAttempt + 1;
    const { done, sent, unsent, others, rejectById } = sortLetters(letters, reopened, attempt);
    sending.recount(done); // their letters were closed when the job was reopened
    const counted = await moves.retake(sent);
    sending.recount(counted);
    const how = {
      attemptOf: () => attempt,
      failuresOf: ({ jobRow }: { readonly jobRow?: number | undefined }) => open.failuresByRow.get(jobRow!) ?? 1,
    };
    for await (const batch of batches.of(unsent, how)) {
      lease.signal.throwIfAborted();
      counted.push(...(await sending.send(batch)));
    }
    const places = counted.map((letter) => placeOf(letter, rejectById.get(letter.id)!.row));
    const closed = await this.count(reopened, places, attempt);
    await reopener.close(closed.map(redriven), () => 'closed', ending);
    if (stop.aborted) return;
    await moves.closeCopies(others, new Map(closed.map(({ jobRow, id }) => [jobRow!, id])));
    await this.sendFree(others);
  }

  private async count(reopened: ReopenedJob, places: readonly SentPlace[], attempt: number): Promise<LetterPosition[]> {
    const outcome = new RepairOutcome(reopened.open);
    for (const { row } of places) outcome.good(reopened.open.byRow.get(row)!);
    await this.parts.reopener.commit(reopened, segmentsOf(places, attempt), outcome);
    return outcome.repaired.flatMap(({ letter }) => letter ?? []);
  }

  /** Letters that no job counts. */
  private async sendFree(letters: readonly RedriveLetter[]): Promise<void> {
    const { batches, sending, moves } = this.parts;
    const sent = letters.filter(({ sentOffset }) => sentOffset !== undefined);
    sending.recount(sent);
    await moves.close(sent);
    const how = {
      attemptOf: ({ attempt }: { readonly attempt: number }) => attempt + 1,
      failuresOf: ({ attempt }: { readonly attempt: number }) => attempt,
    };
    const unsent = letters.filter(({ sentOffset }) => sentOffset === undefined);
    for await (const batch of batches.of(unsent, how)) await moves.close(await sending.send(batch));
  }

  /** Nobody can do anything about them now: those taken before a crash are open again, unless they were counted. */
  private async leave(jobId: string, letters: readonly RedriveLetter[], why: string): Promise<void> {
    const { reader, sending, moves, report } = this.parts;
    const { done, rest } = byCount(letters, new SegmentIndex((await reader.view(jobId)).segments));
    sending.recount(done);
    await moves.close(done);
    if (rest.length > 0) report.leave(why, rest.length);
    await moves.open(rest);
  }
}

function* byJob(letters: readonly RedriveLetter[]): Generator<RedriveLetter[]> {
  let from = 0;
  for (let at = 1; at <= letters.length; at++) {
    if (at < letters.length && letters[at]!.jobId === letters[from]!.jobId) continue;
    yield letters.slice(from, at);
    from = at;
  }
}

const placeOf = ({ id, sentOffset }: RedriveLetter, row: number): SentPlace => {
  const { topic, partition } = placeOfLetter(id);
  return { topic, partition, offset: BigInt(sentOffset!), row };
};

/** Another works on the job, or its rows are on their way. */
const isOthers = (error: unknown): error is ProblemError =>
  error instanceof ProblemError && (error.code === 'job_running' || error.code === 'job_not_settled');

const unlessStopped = (stop: AbortSignal) => (error: unknown) => {
  if (!stop.aborted) throw error;
};
