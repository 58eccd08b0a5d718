/**
 * At most `limit` pieces of work at once, first come first served.
 * `run` resolves or rejects as its work does; a rejection frees the place too.
 */
export class Limiter {
  private running = 0;
  private readonly waiting: Array<() => void> = [];

  constructor(readonly limit: number) {
    if (!Number.isInteger(limit) || limit < 1) throw new RangeError(`Limiter needs a limit of 1 or more, got ${limit}`);
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.enter();
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  /** Takes a place, or waits in line for one; every `enter` needs its `leave`. */
  async enter(): Promise<void> {
    if (this.running >= this.limit) await new Promise<void>((start) => this.waiting.push(start));
    else this.running++;
  }

  /** The place passes straight to the next in line, so `running` never drops between the two. */
  leave(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.running--;
  }

  get inFlight(): number {
    return this.running;
  }

  get queued(): number {
    return this.waiting.length;
  }
}
