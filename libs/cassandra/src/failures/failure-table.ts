/**
 * permanent: the row can never be written as it is. transient: wait and write it again. unknown: a few tries, then
 * stop loudly; never acknowledged, never put aside as a bad row.
 */
export type FailureClass = 'permanent' | 'transient' | 'unknown';

export interface Failure {
  readonly class: FailureClass;
  /** stable, snake_case; a metric label */
  readonly code: string;
}

const permanent = (code: string): Failure => ({ class: 'permanent', code });
const transient = (code: string): Failure => ({ class: 'transient', code });
const unknown = (code: string): Failure => ({ class: 'unknown', code });

/** Error codes of the native protocol (v4, and the v5 ones that a proxy may pass on). */
export const FAILURE_BY_RESPONSE_CODE: ReadonlyMap<number, Failure> = new Map([
  [0x0000, unknown('server_error')],
  [0x000a, unknown('protocol_error')],
  [0x0100, unknown('bad_credentials')],
  [0x1000, transient('unavailable')],
  [0x1001, transient('overloaded')],
  [0x1002, transient('bootstrapping')],
  [0x1003, transient('truncate_error')],
  [0x1100, transient('write_timeout')],
  [0x1200, transient('read_timeout')],
  [0x1300, unknown('read_failure')],
  [0x1400, unknown('function_failure')],
  // Protocol v4 does not say why a replica failed: a full disk, a schema it has not seen, or this very row.
  [0x1500, unknown('write_failure')],
  [0x1600, transient('cdc_write_failure')],
  [0x1700, transient('cas_write_unknown')],
  [0x2000, unknown('syntax_error')],
  [0x2100, unknown('unauthorized')],
  [0x2200, permanent('invalid')],
  [0x2300, unknown('config_error')],
  [0x2400, unknown('already_exists')],
  // The driver prepares again by itself; that this fails too is most often a table changed under a running process. The
  // session has it prepared anew then, so that the next try is told the reason.
  [0x2500, transient('unprepared')],
  [0x8000, unknown('client_write_failure')],
]);

/**
 * Cassandra answers `invalid` to much that is no fault of the row: a table that is not there (yet) would send every
 * row of a topic to the dead letters. First match wins; what matches nothing is the row's own fault.
 */
export const FAILURE_BY_INVALID_MESSAGE: ReadonlyArray<readonly [RegExp, Failure]> = [
  [/^Batch too large/i, permanent('batch_too_large')],
  [/^(unconfigured )?(table|columnfamily|keyspace) .*(does ?n[o']t exist)/i, unknown('schema_missing')],
  [/^unconfigured (table|columnfamily)/i, unknown('schema_missing')],
  [/^(Undefined column name|Unknown identifier)/i, unknown('schema_missing')],
  [/disk usage exceeds/i, transient('disk_full')],
  [/consistency level|Consistency level/i, unknown('consistency_refused')],
];

/** Errors made on this side, by `name`. A `DriverError` of no name of its own is told by its message. */
export const FAILURE_BY_ERROR_NAME: ReadonlyMap<string, Failure> = new Map([
  ['UnbindableValueError', permanent('unbindable_value')],
  ['OperationTimedOutError', transient('client_timeout')],
  ['BusyConnectionError', transient('busy_connection')],
  ['SessionNotConnectedError', transient('not_connected')],
  ['AuthenticationError', unknown('authentication_failed')],
  ['ArgumentError', unknown('driver_argument')],
  ['NotSupportedError', unknown('not_supported')],
  ['DriverInternalError', unknown('driver_internal')],
  ['VIntOutOfRangeException', permanent('unbindable_value')],
]);

/** Node's codes of sockets and name look-up. */
export const SOCKET_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_SOCKET_CLOSED',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);

/** Plain errors and strings of the driver that mean: no usable connection right now. */
export const DISCONNECTED_MESSAGE =
  /^((Driver)?Error: )?(No connection available|Connection closed|Connection timeout|ControlConnection is being shutdown|Socket was closed|The socket was closed|Host considered as DOWN|The operation was already cancelled or timeout elapsed|Pool is (being closed|closing|shutting down)|Connecting after shutdown|Connection was closed)/i;

/** What the driver's encoder says to a value that is none of its type. Other TypeErrors are defects, not bad rows. */
export const ENCODER_MESSAGE =
  /^(Not a valid|Expected |A (collection|map) can't contain|Value could not be parsed as InetAddress|number format error|Unable to convert '.*' to a duration|Invalid date|Invalid string representation|LocalDate could not be parsed|Invalid null or undefined|Cannot convert .* to a BigInt|Target data type could not be guessed|The value of "value" is out of range)/;
