/**
 * Write times of this process, µs since the epoch, strictly increasing even when the wall clock steps back. A job
 * takes one as its base (row n is written at base + n), a single record takes one for itself.
 */
export class WriteClock {
  private lastMicros = 0;

  constructor(private readonly nowMs: () => number = Date.now) {}

  next(): number {
    this.lastMicros = Math.max(this.nowMs() * 1000, this.lastMicros + 1);
    return this.lastMicros;
  }
}
