import { rateCurve, type Rate, type RateCurve } from '@orderstream/streams';

/** Ticks at high rates, ms: short enough to be smooth, long enough for a send to carry hundreds of rows. */
const TICK_MS = 50;

/**
 * When which record of a run is due: record i when the integral of the rate reaches i, on a monotonic clock. A run that
 * fell behind catches up, so the number of records at any time depends on nothing but the time.
 */
export class RunSchedule {
  private readonly curve: RateCurve;

  constructor(
    rate: Rate,
    /** records in all; Infinity for a run without an end */
    readonly total: number,
  ) {
    this.curve = rateCurve(rate);
  }

  /** Number of records due `elapsedMs` after the start. */
  dueAt(elapsedMs: number): number {
    return Math.min(this.total, Math.floor(this.curve.recordsBy(elapsedMs)) + 1);
  }

  /** ms to wait at `elapsedMs` when `sent` records are out: until the next record, at least one tick. */
  delayMs(elapsedMs: number, sent: number): number {
    return Math.max(TICK_MS, this.curve.msOf(sent) - elapsedMs);
  }
}
