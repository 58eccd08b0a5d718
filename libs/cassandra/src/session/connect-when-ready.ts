import { retryUntil } from '@orderstream/resilience';
import { classify } from '../failures/classify.js';
import type { CassandraSession } from './cassandra-session.js';

export interface Waiting {
  readonly error: unknown;
  /** number of failed tries, from 1 */
  readonly attempt: number;
  /** until the next try, ms */
  readonly delayMs: number;
}

/**
 * Tries until Cassandra is there; every wait ends with the signal, whose reason is then thrown. What no waiting can
 * heal, such as the wrong name of a data centre, is thrown at once. A refused password is waited for: a new cluster
 * makes its first user seconds after it listens.
 */
export async function connectWhenReady(
  session: CassandraSession,
  signal: AbortSignal,
  onWaiting: (waiting: Waiting) => void = () => {},
): Promise<void> {
  await retryUntil(() => session.connect(), {
    initialMs: 250,
    maxMs: 4_000,
    signal,
    shouldRetry: (error) => classify(error).code !== 'driver_argument',
    onRetry: (error, attempt, delayMs) => onWaiting({ error, attempt, delayMs }),
  });
  if (!signal.aborted) return;
  await session.close();
  throw signal.reason;
}
