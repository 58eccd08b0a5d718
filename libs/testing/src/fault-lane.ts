import { Transform, type TransformCallback } from 'node:stream';

/** What happens to bytes of one direction; can be changed while they pass. */
export interface LaneRules {
  /** each chunk comes so much later, in its order */
  delayMs: number;
  /** nothing passes, nothing is lost: what is held goes on when this ends */
  frozen: boolean;
  /** what comes is thrown away */
  discards: boolean;
  /** 0: as fast as they come */
  bytesPerSecond: number;
}

export const freeLane = (): LaneRules => ({ delayMs: 0, frozen: false, discards: false, bytesPerSecond: 0 });

/** Held back in one lane before its sender has to wait. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;

interface Held {
  readonly chunk: Buffer;
  readonly dueMs: number;
}

/** One direction of one connection. Chunks never overtake each other. */
export class FaultLane extends Transform {
  private readonly held: Held[] = [];
  private heldBytes = 0;
  private timer: NodeJS.Timeout | undefined;
  private freeAtMs = 0;
  private waiting: TransformCallback | undefined;
  private ending: TransformCallback | undefined;

  constructor(private readonly rules: LaneRules) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.rules.discards) return done();
    this.held.push({ chunk, dueMs: performance.now() + this.rules.delayMs });
    this.heldBytes += chunk.length;
    this.waiting = done;
    this.look();
  }

  override _flush(done: TransformCallback): void {
    this.ending = done;
    this.look();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.timer);
    done(error);
  }

  /** To be called when the rules have changed. */
  look(): void {
    clearTimeout(this.timer);
    for (let next = this.held[0]; next !== undefined; next = this.held[0]) {
      if (this.rules.frozen) return;
      const waitMs = Math.max(next.dueMs, this.freeAtMs) - performance.now();
      if (waitMs > 0) {
        this.timer = setTimeout(() => this.look(), Math.ceil(waitMs));
        break;
      }
      this.pass(next);
    }
    this.answer();
  }

  private pass({ chunk }: Held): void {
    this.held.shift();
    this.heldBytes -= chunk.length;
    const { bytesPerSecond } = this.rules;
    if (bytesPerSecond > 0) this.freeAtMs = performance.now() + (chunk.length * 1000) / bytesPerSecond;
    this.push(chunk);
  }

  private answer(): void {
    if (this.heldBytes < MAX_HELD_BYTES) {
      const done = this.waiting;
      this.waiting = undefined;
      done?.();
    }
    if (this.held.length > 0) return;
    const ended = this.ending;
    this.ending = undefined;
    ended?.();
  }
}
