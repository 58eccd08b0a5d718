import { retryUntil } from '@orderstream/resilience';
import { classify } from '../failures/classify.js';

/**
 * A replica that dies with its part of a statement in its hands fails the whole of it, although enough others are left.
 * The driver repeats none of these; it does go on to the next node when the one it asked is gone.
 */
const IN_DEAD_HANDS: ReadonlySet<string> = new Set(['read_timeout', 'read_failure', 'write_timeout', 'write_failure']);

const TRIES = 3;
/** No try begins later than this after the first one: a time-out of Cassandra takes five seconds by itself. */
const WITHIN_MS = 6_000;
const PAUSE = { initialMs: 50, maxMs: 200 } as const;

/** For statements that may be carried out twice. Rejects as the last try did. */
export function askAgain<T>(ask: () => Promise<T>, nowMs: () => number = () => performance.now()): Promise<T> {
  const endsAtMs = nowMs() + WITHIN_MS;
  const shouldRetry = (error: unknown, tried: number): boolean =>
    tried < TRIES && nowMs() < endsAtMs && IN_DEAD_HANDS.has(classify(error).code);
  return retryUntil(ask, { ...PAUSE, shouldRetry });
}
