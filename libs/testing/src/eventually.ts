import { wait } from '@orderstream/resilience';

export interface EventuallyOptions {
  /** ms until it is given up */
  readonly timeoutMs?: number;
  readonly everyMs?: number;
  readonly what?: string;
}

/**
 * Asks until `look` gives something other than undefined or false; rejects with the last failure after the time, but not
 * before it has looked once more: this process may have been held up meanwhile.
 */
export async function eventually<T>(
  look: () => Promise<T | undefined | false>,
  { timeoutMs = 30_000, everyMs = 50, what = 'the condition' }: EventuallyOptions = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let last: unknown;
    const isLast = Date.now() >= deadline;
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
    } catch (error) {
      last = error;
    }
    if (isLast) throw new Error(`${what} did not come true within ${timeoutMs} ms`, { cause: last });
    await wait(everyMs);
  }
}
