import cassandra from 'cassandra-driver';
import {
  DISCONNECTED_MESSAGE,
  ENCODER_MESSAGE,
  FAILURE_BY_ERROR_NAME,
  FAILURE_BY_INVALID_MESSAGE,
  FAILURE_BY_RESPONSE_CODE,
  type Failure,
  type FailureClass,
  SOCKET_CODES,
} from './failure-table.js';

export interface ClassifiedFailure extends Failure {
  readonly message: string;
}

const INVALID = 0x2200;
const UNKNOWN: Failure = { class: 'unknown', code: 'unknown_error' };
const DISCONNECTED: Failure = { class: 'transient', code: 'disconnected' };

/**
 * Says what a failed statement calls for. Of a batch, permanent means: one of its rows (or its size) is at fault, so
 * write the rows one by one and judge each by its own error. Never throws, whatever it is given.
 */
export function classify(error: unknown): ClassifiedFailure {
  const { class: failureClass, code } = failureOf(error);
  return { class: failureClass, code, message: messageOf(error) };
}

function failureOf(error: unknown): Failure {
  const { NoHostAvailableError, ResponseError } = cassandra.errors;
  if (error instanceof NoHostAvailableError) return ofAllHosts(error.innerErrors as Record<string, unknown> | null);
  if (error instanceof ResponseError) return ofResponse(error.code, error.message);
  return ofThisSide(error);
}

function ofResponse(code: number, message: string): Failure {
  if (code === INVALID) {
    for (const [pattern, failure] of FAILURE_BY_INVALID_MESSAGE) if (pattern.test(message)) return failure;
  }
  return FAILURE_BY_RESPONSE_CODE.get(code) ?? UNKNOWN;
}

/** Each node that was tried has its own error. Only when all of them agree is it more than "nobody could be asked". */
function ofAllHosts(errorByHost: Record<string, unknown> | null | undefined): Failure {
  const failures = Object.values(errorByHost ?? {})
    .filter((inner) => inner !== null && inner !== undefined)
    .map(failureOf);
  const first = failures[0];
  if (!first) return { class: 'transient', code: 'no_host' };
  const agreed: FailureClass | undefined = failures.every((f) => f.class === first.class) ? first.class : undefined;
  if (agreed === undefined) return { class: 'transient', code: 'no_host' };
  const code = failures.every((f) => f.code === first.code) ? first.code : 'no_host';
  return { class: agreed, code };
}

function ofThisSide(error: unknown): Failure {
  const { name, code, isSocketError } = (error ?? {}) as { name?: unknown; code?: unknown; isSocketError?: unknown };
  const named = FAILURE_BY_ERROR_NAME.get(String(name));
  if (named) return named;
  if (isSocketError === true || (typeof code === 'string' && SOCKET_CODES.has(code))) return DISCONNECTED;
  const message = messageOf(error);
  if (DISCONNECTED_MESSAGE.test(message)) return DISCONNECTED;
  if (ENCODER_ERRORS.has(String(name)) && ENCODER_MESSAGE.test(message)) {
    return { class: 'permanent', code: 'unbindable_value' };
  }
  return UNKNOWN;
}

const ENCODER_ERRORS: ReadonlySet<string> = new Set(['TypeError', 'RangeError', 'SyntaxError']);

function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  const message = (error as { message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' ? message : String(error);
}
