export interface BackoffOptions {
  /** first delay, ms */
  readonly initialMs: number;
  /** ceiling of every delay, ms */
  readonly maxMs: number;
}

/**
 * Exponential back-off with "equal jitter": half the delay is fixed, half random, so that waiting processes
 * spread out but never hammer. `attempt` counts from 0.
 */
export function backoffMs(attempt: number, options: BackoffOptions, random: () => number = Math.random): number {
  const ceiling = Math.min(options.maxMs, options.initialMs * 2 ** Math.min(attempt, 30));
  return ceiling / 2 + (random() * ceiling) / 2;
}
