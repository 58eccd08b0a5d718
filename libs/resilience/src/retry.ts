import { backoffMs, type BackoffOptions } from './backoff.js';
import { wait } from './wait.js';

export interface RetryOptions extends BackoffOptions {
  readonly signal?: AbortSignal;
  /** Called before each wait; `attempt` counts from 1. */
  readonly onRetry?: (error: unknown, attempt: number, delayMs: number) => void;
  /** Returning false ends the tries with that error. Default: always try again. */
  readonly shouldRetry?: (error: unknown, attempt: number) => boolean;
}

/** Tries until it works, the signal aborts, or `shouldRetry` says no. */
export async function retryUntil<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (options.signal?.aborted) throw options.signal.reason;
      if (options.shouldRetry && !options.shouldRetry(error, attempt)) throw error;
      const delayMs = backoffMs(attempt - 1, options);
      options.onRetry?.(error, attempt, delayMs);
      await wait(delayMs, options.signal);
    }
  }
}
