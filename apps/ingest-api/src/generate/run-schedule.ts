/** Ticks at high rates, ms: short enough to be smooth, long enough for a send to carry hundreds of rows. */
const TICK_MS = 50;

/**
 * When which record of a run is due: record i at i / rate seconds after the start, on a monotonic clock. A run that
 * fell behind catches up, so the number of records at any time depends on nothing but the time.
 */
export class RunSchedule {
  constructor(
    /** records per second */
    readonly rate: number,
    /** records in all; Infinity for a run without an end */
    readonly total: number,
  ) {}

  /** Number of records due `elapsedMs` after the start. */
  dueAt(elapsedMs: number): number {
    return Math.min(this.total, Math.floor((elapsedMs * this.rate) / 1000) + 1);
  }

  /** ms to wait at `elapsedMs` when `sent` records are out: until the next record, at least one tick. */
  delayMs(elapsedMs: number, sent: number): number {
    const nextDueMs = (sent * 1000) / this.rate;
    return Math.max(TICK_MS, nextDueMs - elapsedMs);
  }
}
