import { failureOf, messageOf } from '../kafka-errors.js';

/**
 * A send that was not acknowledged. `code` is Kafka's own error type in lower case (`message_too_large`,
 * `invalid_record`, `not_enough_replicas`, …) or one of `unreachable`, `timed_out`, `authentication_failed`,
 * `no_answer`, `empty_send`, `aborted`, `closed`, `transient`, `unknown`.
 *
 * After `aborted` or `closed` the records may be in Kafka or not: send them again to be sure.
 */
export class KafkaSendError extends Error {
  constructor(
    readonly code: string,
    message: string,
    /** true: the same send can work later */
    readonly retriable: boolean,
    cause?: unknown,
  ) {
    super(message, { cause });
    this.name = 'KafkaSendError';
  }
}

/** Anything thrown while sending, as a KafkaSendError that says what to do next. */
export function toSendError(error: unknown, topic: string, partition: number): KafkaSendError {
  if (error instanceof KafkaSendError) return error;
  const { code, retriable } = failureOf(error);
  const advice = retriable ? 'it can be sent again' : 'sending it again unchanged will fail again';
  return new KafkaSendError(
    code,
    `Kafka did not take the records for ${topic}-${partition}: ${messageOf(error)}; ${advice}`,
    retriable,
    error,
  );
}
