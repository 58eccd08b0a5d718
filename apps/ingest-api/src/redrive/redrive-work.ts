import type { LeaseRepository, LetterPosition, RedriveLetter } from '@orderstream/cassandra';
import { ProblemError } from '@orderstream/contracts';
import type { JobReopener, ReopenedJob } from '../reject/job-reopener.js';
import type { OpenReject } from '../reject/open-rejects.js';
import { withRepairLease } from '../reject/repair-lease.js';
import { RepairOutcome } from '../reject/repair-outcome.js';
import type { JobReader } from '../track/job-reader.js';
import { SegmentIndex } from '../track/segment-index.js';
import type { BatchParts, LetterBatches } from './letter-batches.js';
import { placeOfLetter } from './letter-place.js';
import { redriven, type RedriveSending } from './redrive-sending.js';
import type { RedriveReport } from './redrive-report.js';
import { segmentsOf, type SentPlace } from './sent-places.js';

/** How long all jobs together are waited for that are not settled yet, ms. */
const SETTLE_MS = 15_000;
/** Letters without a job that are closed at once. */
const AT_ONCE = 16;

export interface WorkParts {
  readonly letters: BatchParts['letters'];
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
      if (jobId === undefined || !(await this.isJob(jobId))) await this.sendFree(some);
      else await this.sendOfJob(jobId, some);
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
      await this.leave(letters, error.detail);
    }
  }

  private async sendUnder(reopened: ReopenedJob, letters: readonly RedriveLetter[]): Promise<void> {
    const { batches, sending, reopener, ending } = this.parts;
    const { open, lease } = reopened;
    const attempt = open.lastAttempt + 1;
    const { counted, others } = this.sorted(reopened, letters);
    const places: SentPlace[] = [];
    const note = (sent: RedriveLetter): void => void places.push(placeOf(sent, counted.get(sent.id)!.row));
    const wanted = letters.filter(({ id }) => counted.has(id));
    for (const letter of wanted.filter(({ sentAttempt }) => sentAttempt === attempt)) {
      sending.recount(letter);
      note(letter);
    }
    const how = {
      attemptOf: () => attempt,
      failuresOf: ({ jobRow }: { readonly jobRow?: number | undefined }) => open.failuresByRow.get(jobRow!) ?? 1,
    };
    const unsent = wanted.filter(({ sentAttempt }) => sentAttempt !== attempt);
    for await (const batch of batches.of(unsent, how)) {
      lease.signal.throwIfAborted();
      (await sending.send(batch)).forEach(note);
    }
    const done = await this.count(reopened, places, attempt);
    await reopener.close(done.map(redriven), () => 'closed', ending);
    await this.closeCopies(others, done);
    if (!this.parts.stop.aborted) await this.sendFree(others);
  }

  /** Which letters still count for the job. Those whose copies count are done; they were closed when the job was reopened. */
  private sorted({ open, segments }: ReopenedJob, letters: readonly RedriveLetter[]) {
    const index = new SegmentIndex(segments);
    const rejectById = new Map<string, OpenReject>();
    for (const reject of open.byRow.values()) if (reject.letter) rejectById.set(reject.letter.id, reject);
    const counted = new Map<string, OpenReject>();
    const others: RedriveLetter[] = [];
    for (const letter of letters) {
      const reject = rejectById.get(letter.id);
      const { topic, partition } = placeOfLetter(letter.id);
      if (letter.sentOffset !== undefined && index.has(topic, partition, BigInt(letter.sentOffset)))
        this.parts.sending.recount(letter);
      else if (reject) counted.set(letter.id, reject);
      else others.push(letter);
    }
    return { counted, others };
  }

  private async count(reopened: ReopenedJob, places: readonly SentPlace[], attempt: number): Promise<LetterPosition[]> {
    const outcome = new RepairOutcome(reopened.open);
    for (const { row } of places) outcome.good(reopened.open.byRow.get(row)!);
    await this.parts.reopener.commit(reopened, segmentsOf(places, attempt), outcome);
    return outcome.repaired.flatMap(({ letter }) => letter ?? []);
  }

  /** A record that stands twice in its topic has two letters, of which one counts: the other goes with it. */
  private async closeCopies(others: readonly RedriveLetter[], done: readonly LetterPosition[]): Promise<void> {
    const rows = new Set(done.map(({ jobRow }) => jobRow));
    for (const { id } of others) {
      const letter = await this.parts.letters.find(id);
      if (!letter || !rows.has(letter.jobRow)) continue;
      if (
        letter.state === 'redriven' ||
        (letter.state === 'open' && (await this.parts.letters.move(letter, 'open', 'redriven')))
      )
        await this.parts.letters.move(letter, 'redriven', 'closed');
    }
  }

  /** Letters that no job counts. */
  private async sendFree(letters: readonly RedriveLetter[]): Promise<void> {
    const { batches, sending } = this.parts;
    for (const letter of letters) if (letter.sentOffset !== undefined) sending.recount(letter);
    await this.close(letters.filter(({ sentOffset }) => sentOffset !== undefined));
    const how = {
      attemptOf: ({ attempt }: { readonly attempt: number }) => attempt + 1,
      failuresOf: ({ attempt }: { readonly attempt: number }) => attempt,
    };
    const unsent = letters.filter(({ sentOffset }) => sentOffset === undefined);
    for await (const batch of batches.of(unsent, how)) await this.close(await sending.send(batch));
  }

  /** Nobody can do anything about them now: those taken before a crash are open again. */
  private async leave(letters: readonly RedriveLetter[], why: string): Promise<void> {
    this.parts.report.leave(why, letters.length);
    await this.moveAll(letters, 'open');
  }

  private close(letters: readonly RedriveLetter[]): Promise<void> {
    return this.moveAll(letters, 'closed');
  }

  private async moveAll(letters: readonly RedriveLetter[], to: 'open' | 'closed'): Promise<void> {
    const move = ({ id }: RedriveLetter) =>
      this.parts.letters.move({ id, topic: placeOfLetter(id).topic }, 'redriven', to);
    for (let at = 0; at < letters.length; at += AT_ONCE) await Promise.all(letters.slice(at, at + AT_ONCE).map(move));
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
