import type { DeadLetterRepository, LetterPosition } from '@orderstream/cassandra';
import { deadLetterId, type Segment } from '@orderstream/contracts';
import type { Committed, CommittedOffsets } from './committed-offsets.js';
import { SegmentIndex, type Remainder } from './segment-index.js';

/** What the sink has done with the rows of a job. Rows that were not passed yet are pending. */
export interface Outcome {
  /** published rows that it knew of */
  readonly published: number;
  /** published rows the group has passed: stored or rejected */
  readonly passed: number;
  readonly rejectedInSink: number;
  readonly rejectedByCode: ReadonlyMap<string, number>;
  /** s until the rest is passed, with what lies before it, at the rates seen last; 0 when nothing is left */
  readonly secondsLeft: number;
}

/** The rows of a job that are not settled. */
export interface Unsettled {
  readonly jobId: string;
  /** of which rows: all (1, or that of an upload that goes on), or those of the last repair */
  readonly attempt: number;
  readonly segments: readonly Segment[];
  /** its records bear the jobs they came from, so that its letters are found by the places of its records only */
  readonly isRedrive?: boolean;
}

/** Letters an operator has closed or repaired are no longer rejections. */
export const REJECTED_STATES: ReadonlySet<LetterPosition['state']> = new Set([
  'open',
  'redriven',
  'parked',
  'discarded',
]);

/** True while the letter says that its record is not stored. */
export const isRejection = ({ state }: Pick<LetterPosition, 'state'>): boolean => REJECTED_STATES.has(state);

/** Jobs whose last outcome is kept. */
const MAX_KEPT = 1_000;

/** Reads the fate of a job's rows from the group's offsets and the dead letters; nothing is written per good row. */
export class Outcomes {
  /** scans that run, and those that begin when they end; by rows */
  private readonly runningByRows = new Map<string, Promise<Outcome>>();
  private readonly nextByRows = new Map<string, { readonly index: SegmentIndex; readonly outcome: Promise<Outcome> }>();
  private readonly lastByRows = new Map<string, Outcome>();

  constructor(
    private readonly offsets: Pick<CommittedOffsets, 'latest'>,
    private readonly letters: Pick<DeadLetterRepository, 'positionsOfJob' | 'positionsOf'>,
    private readonly flow: { drainRateOf(topic: string, partition: number): number },
  ) {}

  /**
   * Any number of callers share one scan of the job's letters, which begins after all of them came: so what one process has
   * told is never more than what another one tells later. It may know fewer segments than the caller, never more. Rejects as
   * Kafka or Cassandra did.
   */
  read(unsettled: Unsettled): Promise<Outcome> {
    const rows = rowsOf(unsettled);
    const index = new SegmentIndex(unsettled.segments);
    const next = this.nextByRows.get(rows);
    if (next) return next.index.count <= index.count ? next.outcome : this.scan(unsettled, index);
    const outcome = this.scanNext(rows, unsettled, index);
    this.nextByRows.set(rows, { index, outcome });
    return outcome;
  }

  /** Once the scan that runs has ended. */
  private async scanNext(rows: string, unsettled: Unsettled, index: SegmentIndex): Promise<Outcome> {
    await this.runningByRows.get(rows)?.catch(() => undefined);
    this.nextByRows.delete(rows); // who comes from now on may have seen more than this scan will
    const running = this.scan(unsettled, index);
    this.runningByRows.set(rows, running);
    try {
      return this.keep(rows, await running);
    } finally {
      if (this.runningByRows.get(rows) === running) this.runningByRows.delete(rows);
    }
  }

  /** What was read last, so that counts do not go back to nothing while Kafka or Cassandra is silent. */
  last(unsettled: Unsettled): Outcome | undefined {
    const last = this.lastByRows.get(rowsOf(unsettled));
    return last && last.published <= new SegmentIndex(unsettled.segments).count ? last : undefined;
  }

  private keep(rows: string, outcome: Outcome): Outcome {
    this.lastByRows.delete(rows); // to its end: the one that was read longest ago goes first
    this.lastByRows.set(rows, outcome);
    if (this.lastByRows.size > MAX_KEPT) this.lastByRows.delete(this.lastByRows.keys().next().value!);
    return outcome;
  }

  private async scan(unsettled: Unsettled, index: SegmentIndex): Promise<Outcome> {
    const committed = await this.offsets.latest();
    const passed = index.passed(committed);
    const rejectedByCode = new Map<string, number>();
    let rejectedInSink = 0;
    if (passed > 0) {
      for await (const letters of this.lettersOf(unsettled, committed)) {
        for (const letter of letters) {
          // A letter counts once its record is committed, and only where it lies in what Kafka acknowledged for this job.
          const offset = BigInt(letter.offset);
          const next = committed.get(letter.topic)?.get(letter.partition) ?? 0n;
          if (offset >= next || !isRejection(letter) || !index.has(letter.topic, letter.partition, offset)) continue;
          rejectedInSink++;
          rejectedByCode.set(letter.code, (rejectedByCode.get(letter.code) ?? 0) + 1);
        }
      }
    }
    const secondsLeft = this.secondsFor(index.remainders(committed));
    return { published: index.count, passed, rejectedInSink, rejectedByCode, secondsLeft };
  }

  private lettersOf(
    { jobId, segments, isRedrive }: Unsettled,
    committed: Committed,
  ): AsyncIterable<readonly LetterPosition[]> {
    return isRedrive ? this.letters.positionsOf(passedIds(segments, committed)) : this.letters.positionsOfJob(jobId);
  }

  /** Partitions drain beside each other: the slowest one decides. */
  private secondsFor(remainders: readonly Remainder[]): number {
    const seconds = remainders.map(
      ({ topic, partition, records }) => records / this.flow.drainRateOf(topic, partition),
    );
    return Math.max(0, ...seconds);
  }
}

/** Ids that the letters of the passed records would have. */
function passedIds(segments: readonly Segment[], committed: Committed): string[] {
  const ids: string[] = [];
  for (const { topic, partition, base, count } of segments) {
    const next = committed.get(topic)?.get(partition) ?? 0n;
    const end = BigInt(base) + BigInt(count);
    for (let at = BigInt(base); at < end && at < next; at++) ids.push(deadLetterId(topic, partition, String(at)));
  }
  return ids;
}

const rowsOf = ({ jobId, attempt }: Unsettled): string => `${jobId}/${attempt}`;
