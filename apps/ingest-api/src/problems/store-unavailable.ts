import { ProblemError } from '@orderstream/contracts';

/** The work's outcome; any failure of it that is not a problem yet becomes `store_unavailable`. */
export async function orStoreUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError('store_unavailable', 'Cassandra did not answer; try again', {
      retryAfterSeconds: 2,
      cause: error,
    });
  }
}
