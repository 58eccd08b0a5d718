import { ProblemError } from '@orderstream/contracts';
import { withDeadline } from '@orderstream/resilience';

/** The work's outcome; any failure of it that is not a problem yet, or no outcome in time, becomes `broker_unavailable`. */
export async function orBrokerUnavailable<T>(work: () => Promise<T>, deadlineMs: number): Promise<T> {
  const late = () => new Error(`Kafka did not answer within ${deadlineMs} ms`);
  try {
    return await withDeadline(work(), deadlineMs, late);
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError('broker_unavailable', 'Kafka did not answer; try again', {
      retryAfterSeconds: 2,
      cause: error,
    });
  }
}
