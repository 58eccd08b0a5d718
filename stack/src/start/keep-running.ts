import { backoffMs, wait } from '@orderstream/resilience';
import type { ProcessExit } from '../process/live-process.js';

/** Something that is to run until it is stopped on purpose. */
export interface Supervised {
  readonly title: string;
  readonly address: string;
  /** ends with the process that runs now */
  readonly exited: Promise<ProcessExit>;
  why(exit: ProcessExit): string;
  /** Resolves when it is ready again. */
  restart(signal: AbortSignal): Promise<void>;
}

export interface Supervision {
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** Default 500 ms to 15 s. */
  readonly backoff?: { readonly initialMs: number; readonly maxMs: number };
}

const BACKOFF = { initialMs: 500, maxMs: 15_000 };
/** Whoever ran this long is not counted as failing again and again. */
const STABLE_MS = 30_000;

/** Starts the subject again, with back-off, whenever it ends; says why each time. Resolves once the signal aborts. */
export async function keepRunning(subject: Supervised, supervision: Supervision): Promise<void> {
  const { signal, log, backoff = BACKOFF } = supervision;
  let attempt = 0;
  while (!signal.aborted) {
    const since = Date.now();
    const exit = await endOrAbort(subject.exited, signal);
    if (!exit) return;
    if (Date.now() - since > STABLE_MS) attempt = 0;
    const delayMs = backoffMs(attempt++, backoff);
    log(`! ${subject.title} ended (${subject.why(exit)}). Starting it again in ${(delayMs / 1000).toFixed(1)} s`);
    await wait(delayMs, signal)
      .then(() => subject.restart(signal))
      .then(() => log(`✓ ${subject.title} is back on ${subject.address}`))
      .catch((error: unknown) => {
        if (!signal.aborted) log(`! ${(error as Error).message}`);
      });
  }
}

/** undefined when the signal aborts first. */
function endOrAbort(exited: Promise<ProcessExit>, signal: AbortSignal): Promise<ProcessExit | undefined> {
  return new Promise((settle) => {
    const onAbort = () => settle(undefined);
    if (signal.aborted) return settle(undefined);
    signal.addEventListener('abort', onAbort, { once: true });
    void exited.then((exit) => {
      signal.removeEventListener('abort', onAbort);
      settle(signal.aborted ? undefined : exit);
    });
  });
}
