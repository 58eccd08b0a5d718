/** What kafkajs's errors carry beside `Error`. */
interface KafkaFailure {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly type?: unknown;
  readonly code?: unknown;
  readonly retriable?: unknown;
  readonly cause?: unknown;
}

export interface Failure {
  /** lower snake case: Kafka's own error type, or `unreachable`, `timed_out`, `authentication_failed`, `transient`, `unknown` */
  readonly code: string;
  /** true: the same call can work later, without anyone changing anything */
  readonly retriable: boolean;
}

const WRAPPERS = new Set(['KafkaJSNumberOfRetriesExceeded', 'KafkaJSNonRetriableError', 'KafkaJSError']);

/** By name, because kafkajs marks some of them as final although the broker is only away for a while. */
const CODE_OF_TRANSIENT = new Map<string, string>([
  ['KafkaJSConnectionError', 'unreachable'],
  ['KafkaJSConnectionClosedError', 'unreachable'],
  ['KafkaJSBrokerNotFound', 'unreachable'],
  ['KafkaJSNoBrokerAvailableError', 'unreachable'],
  ['KafkaJSGroupCoordinatorNotFound', 'unreachable'],
  ['KafkaJSRequestTimeoutError', 'timed_out'],
  ['KafkaJSTimeout', 'timed_out'],
  ['KafkaJSLockTimeout', 'timed_out'],
  ['KafkaJSMetadataNotLoaded', 'transient'],
  ['KafkaJSTopicMetadataNotLoaded', 'transient'],
  ['KafkaJSStaleTopicMetadataAssignment', 'transient'],
]);

/** Retriable although kafkajs's table says otherwise. */
const TRANSIENT_TYPES = new Set([
  'BROKER_NOT_AVAILABLE',
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'MEMBER_ID_REQUIRED',
  'STALE_BROKER_EPOCH',
]);

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
]);

/** What went wrong inside kafkajs, with its wrappers taken off. Never throws. */
export function failureOf(error: unknown): Failure {
  const root = rootOf(error);
  const name = typeof root.name === 'string' ? root.name : '';
  const transient = CODE_OF_TRANSIENT.get(name);
  if (transient) return { code: transient, retriable: true };
  if (name === 'KafkaJSSASLAuthenticationError') return { code: 'authentication_failed', retriable: false };
  if (typeof root.type === 'string') {
    return { code: root.type.toLowerCase(), retriable: root.retriable === true || TRANSIENT_TYPES.has(root.type) };
  }
  if (NETWORK_CODES.has(String(root.code))) return { code: 'unreachable', retriable: true };
  if (name === 'KafkaJSError' && root.retriable === true) return { code: 'transient', retriable: true };
  return { code: 'unknown', retriable: false };
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
