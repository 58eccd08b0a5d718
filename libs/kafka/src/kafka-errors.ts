import {
  CUT_OFF_WHILE_SIGNING_IN,
  FINAL_CODE_BY_NAME,
  FINAL_TYPES,
  NETWORK_CODES,
  SELF_JUDGED,
  TRANSIENT_CODE_BY_NAME,
  TRANSIENT_TYPES,
  WRAPPERS,
} from './kafka-failure-table.js';

/** What kafkajs's errors carry beside `Error`. */
interface KafkaFailure {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly type?: unknown;
  readonly code?: unknown;
  readonly retriable?: unknown;
  readonly cause?: unknown;
  /** of an aggregate */
  readonly errors?: unknown;
}

export interface Failure {
  /** lower snake case: Kafka's own error type, or `unreachable`, `timed_out`, `authentication_failed`, `transient`, `unknown`, … */
  readonly code: string;
  /** true: the same call can work later, without anyone changing anything */
  readonly retriable: boolean;
}

/** What went wrong inside kafkajs, with its wrappers taken off. Never throws. */
export function failureOf(error: unknown): Failure {
  const root = rootOf(error);
  if (!Array.isArray(root.errors) || root.errors.length === 0) return ofOne(root);
  // Of several failures the one that waiting cannot mend decides.
  const failures = root.errors.map((each) => ofOne(rootOf(each)));
  return failures.find(({ retriable }) => !retriable) ?? failures[0]!;
}

function ofOne(root: KafkaFailure): Failure {
  const name = nameOf(root);
  const transient = TRANSIENT_CODE_BY_NAME.get(name);
  if (transient !== undefined) return { code: transient, retriable: true };
  const final = FINAL_CODE_BY_NAME.get(name);
  if (final !== undefined) return ofFinal(final, root);
  if (typeof root.type === 'string') return ofType(root.type, root);
  if (NETWORK_CODES.has(String(root.code))) return { code: 'unreachable', retriable: true };
  if ((name === 'KafkaJSError' || SELF_JUDGED.has(name)) && root.retriable === true) {
    return { code: 'transient', retriable: true };
  }
  return { code: 'unknown', retriable: false };
}

/** A type of neither table is of a newer kafkajs: its own word counts. */
function ofType(type: string, { retriable }: KafkaFailure): Failure {
  const known = TRANSIENT_TYPES.has(type) || FINAL_TYPES.has(type);
  return { code: type.toLowerCase(), retriable: known ? TRANSIENT_TYPES.has(type) : retriable === true };
}

function ofFinal(code: string, { message }: KafkaFailure): Failure {
  if (code !== 'authentication_failed' || !CUT_OFF_WHILE_SIGNING_IN.test(String(message))) {
    return { code, retriable: false };
  }
  return { code: 'unreachable', retriable: true };
}

/** Some of kafkajs's errors bear the name of their parent. */
function nameOf(root: KafkaFailure): string {
  const name = typeof root.name === 'string' ? root.name : '';
  const own = root instanceof Error ? root.constructor.name : name;
  return FINAL_CODE_BY_NAME.has(own) || TRANSIENT_CODE_BY_NAME.has(own) ? own : name;
}

function rootOf(error: unknown): KafkaFailure {
  let root: KafkaFailure = typeof error === 'object' && error !== null ? error : { message: String(error) };
  // The depth is bounded, so a cause that points back at itself cannot hold us.
  for (let depth = 0; depth < 10; depth++) {
    const { cause } = root;
    if (!WRAPPERS.has(String(root.name)) || typeof cause !== 'object' || cause === null) return root;
    root = cause;
  }
  return root;
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return String(error);
}
