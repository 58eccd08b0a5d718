import { ProblemError } from '@orderstream/contracts';

export interface Room {
  readonly backends: { storeUp(): boolean };
  readonly flow: { admit(): void };
}

/**
 * Rows of a job need Cassandra, and a sink that is not too far behind; to be asked before their body is read. Throws
 * `store_unavailable` or `lag_too_high`.
 */
export function requireRoom({ backends, flow }: Room): void {
  if (!backends.storeUp()) {
    throw new ProblemError(
      'store_unavailable',
      'Cassandra does not answer, so no rows of a job can be taken; single records are',
      { retryAfterSeconds: 2 },
    );
  }
  flow.admit();
}
