import { retryUntil } from '@orderstream/resilience';
import { classify } from '../failures/classify.js';

/**
 * A replica that dies with its part of a statement in its hands fails the whole of it, although enough others are left.
 * The driver repeats none of these; it does go on to the next node when the one it asked is gone.
 */
const IN_DEAD_HANDS: ReadonlySet<string> = new Set(['read_timeout', 'read_failure', 'write_timeout', 'write_failure']);

/**
 * A scan, and so every question of an index, waits for a dead replica until its time is over: nobody else is asked in its
 * place. The driver then asks the other nodes, each of which waits as long, until they know of the death.
 */
const IN_VAIN: ReadonlySet<string> = new Set(['client_timeout', 'no_host']);

const TRIES = 3;
/** No try begins later than this after the first one: a time-out of Cassandra takes five seconds by itself. */
const WITHIN_MS = 6_000;
const PAUSE = { initialMs: 50, maxMs: 200 } as const;

/** For statements that may be carried out twice. Rejects as the last try did. */
export function askAgain<T>(ask: () => Promise<T>, nowMs: () => number = () => performance.now()): Promise<T> {
  const endsAtMs = nowMs() + WITHIN_MS;
  const shouldRetry = (error: unknown, tried: number): boolean => {
    const { code } = classify(error);
    return IN_VAIN.has(code) ? tried === 1 : tried < TRIES && nowMs() < endsAtMs && IN_DEAD_HANDS.has(code);
  };
  return retryUntil(ask, { ...PAUSE, shouldRetry });
}
