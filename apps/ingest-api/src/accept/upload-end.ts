import { ProblemError, type JobState } from '@orderstream/contracts';
import { KafkaSendError } from '@orderstream/kafka';

/** Other bytes under a key, another process at work or a slow sender say nothing about the job itself: it can go on. */
const RESUMABLE: ReadonlySet<string> = new Set(['idempotency_key_reused', 'job_running', 'upload_too_slow']);

/** State of a job whose upload ended early. `isSure`: what was read is the body of the job, and not another one yet. */
export function endOf(error: unknown, isSure: boolean): JobState {
  if (!(error instanceof ProblemError)) return 'interrupted';
  if (error.code === 'job_cancelled') return 'cancelled';
  return !isSure || RESUMABLE.has(error.code) ? 'interrupted' : 'failed';
}

/** What its sender is told. */
export function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof KafkaSendError && error.retriable)
    return new ProblemError('broker_unavailable', reason, { retryAfterSeconds: 5, cause: error });
  if (isGone(error)) return new ProblemError('bad_request', `the body ended early: ${reason}`, { cause: error });
  const detail = 'the upload broke off; the cause is in the log of the API';
  return new ProblemError('internal_error', detail, { cause: error });
}

export const otherBody = (): ProblemError =>
  new ProblemError(
    'idempotency_key_reused',
    'the body is not the one that was interrupted under this Idempotency-Key: what was read then is different now. ' +
      'Send the same file, or this one under another key.',
  );

/** The client closed the connection, or the network did. */
export const isGone = (error: unknown): boolean =>
  ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'HPE_INVALID_CHUNK_SIZE'].includes(
    String((error as { code?: unknown }).code),
  );
