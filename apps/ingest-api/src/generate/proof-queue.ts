import { ProblemError } from '@orderstream/contracts';
import { Limiter, orAborted } from '@orderstream/resilience';

/** Proofs that may wait behind the one under way. */
const MOST_WAITING = 3;
const RETRY_AFTER_S = 10;

interface Proof<T> {
  readonly answer: Promise<T>;
  readonly stop: AbortController;
  askers: number;
}

/**
 * Runs proofs one at a time, for each reads a whole table. Whoever asks for one that is under way shares it; one that
 * nobody waits for any more ends at once.
 */
export class ProofQueue<T> {
  private readonly oneAtATime = new Limiter(1);
  private readonly proofById = new Map<string, Proof<T>>();
  private isClosed = false;

  /** `what` is proved, for messages: a run */
  constructor(private readonly what = 'run') {}

  /**
   * The proof's own outcome, or a rejection with the signal's reason as soon as the asker's signal aborts. Throws
   * `too_many_requests` when three wait already, and `shutting_down`.
   */
  async run(id: string, prove: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.isClosed) throw SHUTTING_DOWN;
    const proof = this.proofById.get(id) ?? this.begin(id, prove);
    proof.askers++;
    try {
      return await orAborted(proof.answer, signal);
    } finally {
      if (--proof.askers === 0) this.drop(id, proof);
    }
  }

  /** Takes no more, and ends those under way and those that wait: their askers get `shutting_down`. Resolves when they have ended. */
  async close(): Promise<void> {
    this.isClosed = true;
    const proofs = [...this.proofById.values()];
    for (const { stop } of proofs) stop.abort(SHUTTING_DOWN);
    await Promise.allSettled(proofs.map(({ answer }) => answer));
  }

  private begin(id: string, prove: (signal: AbortSignal) => Promise<T>): Proof<T> {
    if (this.proofById.size > MOST_WAITING) throw tooMany(`${this.what} ${id}`);
    const stop = new AbortController();
    const answer = this.oneAtATime.run(async () => {
      stop.signal.throwIfAborted();
      return prove(stop.signal);
    });
    const proof = { answer, stop, askers: 0 };
    this.proofById.set(id, proof);
    return proof;
  }

  private drop(id: string, proof: Proof<T>): void {
    proof.stop.abort(NOBODY_WAITS);
    if (this.proofById.get(id) === proof) this.proofById.delete(id);
  }
}

const SHUTTING_DOWN = new ProblemError('shutting_down', 'this server is shutting down; ask again', {
  retryAfterSeconds: RETRY_AFTER_S,
});

/** Never seen by a client: there is none. */
const NOBODY_WAITS = new ProblemError('bad_request', 'the client went away before the run was verified');

const tooMany = (which: string): ProblemError =>
  new ProblemError(
    'too_many_requests',
    `${which} is not verified now: ${MOST_WAITING} others wait behind the one under way; ask again later`,
    { retryAfterSeconds: RETRY_AFTER_S },
  );
