import type { RowWriteTimes } from '@orderstream/cassandra';
import type { KeyFold } from './key-fold.js';
import type { KeyedWrite } from './keyed-writes.js';
import { verdictOf, type KnownTimes, type Verdict } from './row-verdict.js';

/** The whole log as it was read: what retention has left of it, and when. */
export interface KnownLog extends Pick<KnownTimes, 'isExpired' | 'isWhole'> {
  /** µs, taken after the rows were found and before the end of the log was: what comes later is newer */
  readonly asOfMicros: number;
  /** µs: where jobs that were under way then, or can be gone on with, begin to write; undefined: there were none */
  readonly openBase: bigint | undefined;
}

/** A row that is not what a window of the log says. It may be right all the same: the whole log tells. */
export class Suspect {
  /** write times that the row was found to have, and whether a record has them */
  private readonly carriedByTime = new Map<number, boolean>();
  private newestAhead = -1;

  /** `fold` is empty: it takes every record of the key that the sink has passed */
  constructor(
    readonly fold: KeyFold,
    readonly found: RowWriteTimes | undefined,
    readonly log: KnownLog,
  ) {
    for (const time of found?.cells ?? []) if (time !== undefined) this.carriedByTime.set(Number(time), false);
  }

  take({ write, by, isLettered }: KeyedWrite, isPassed: boolean): void {
    if (write.kind === 'upsert' && this.carriedByTime.has(by.writeTime)) this.carriedByTime.set(by.writeTime, true);
    if (isLettered) return; // it may be stored beside its letter, and need not be
    if (isPassed) this.fold.take(write, by);
    else this.newestAhead = Math.max(this.newestAhead, by.writeTime);
  }

  /** A record that the sink has not passed yet will decide. */
  get isPending(): boolean {
    return this.newestAhead >= 0 && this.newestAhead >= (this.fold.decider?.writeTime ?? -1);
  }

  /** The row has a write time that neither it nor the log had: somebody has written it since. */
  isTouched(row: RowWriteTimes | undefined): boolean {
    const written = new Set(this.fold.writers.map(({ writeTime }) => writeTime));
    const isNew = (time: number): boolean => !this.carriedByTime.has(time) && !written.has(time);
    return (row?.cells ?? []).some((time) => time !== undefined && isNew(Number(time)));
  }

  /** `row` is what was found, or what is there by now; undefined: the log has no record of it any more. */
  verdictOn(row: RowWriteTimes | undefined): Verdict | undefined {
    if (this.fold.decider === undefined) return undefined;
    // A time that was not there at first came with a write since then, which is not what is looked for.
    const isCarried = (time: number): boolean => this.carriedByTime.get(time) ?? true;
    return verdictOf(this.fold, row, { ...this.log, isCarried });
  }
}
