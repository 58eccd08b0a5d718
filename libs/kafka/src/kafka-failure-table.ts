/**
 * Every error that kafkajs 2.2.4 and the brokers behind it can give, and whether the same call can work later without
 * anyone changing anything. The test goes through what the library exports: a new version with a new error fails it
 * until the error stands here.
 */

/** Errors of kafkajs that only carry another one, or nothing that says more than their message. */
export const WRAPPERS: ReadonlySet<string> = new Set([
  'KafkaJSNumberOfRetriesExceeded',
  'KafkaJSNonRetriableError',
  'KafkaJSError',
]);

/** Errors of kafkajs that carry the broker's own error type: the tables of types below decide. */
export const TYPED: ReadonlySet<string> = new Set([
  'KafkaJSProtocolError',
  'KafkaJSOffsetOutOfRange',
  'KafkaJSMemberIdRequired',
  'KafkaJSCreateTopicError',
  'KafkaJSAlterPartitionReassignmentsError',
]);

/** By name and with our code, because kafkajs marks some of them as final although the broker is only away for a while. */
export const TRANSIENT_CODE_BY_NAME: ReadonlyMap<string, string> = new Map([
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
  ['KafkaJSFetcherRebalanceError', 'transient'],
]);

/** By name: somebody has to change something first. */
export const FINAL_CODE_BY_NAME: ReadonlyMap<string, string> = new Map([
  ['KafkaJSSASLAuthenticationError', 'authentication_failed'],
  ['KafkaJSServerDoesNotSupportApiKey', 'unsupported_version'],
  // A compression codec or a SASL mechanism that is not built in.
  ['KafkaJSNotImplemented', 'not_implemented'],
  ['KafkaJSPartialMessageError', 'undecodable'],
  ['KafkaJSUnsupportedMagicByteInMessageSet', 'undecodable'],
  ['KafkaJSInvalidVarIntError', 'undecodable'],
  ['KafkaJSInvalidLongError', 'undecodable'],
  ['KafkaJSInvariantViolation', 'unknown'],
  ['KafkaJSDeleteGroupsError', 'delete_groups_failed'],
]);

/** Errors about several things at once: kafkajs works out by itself whether all of them can be tried again. */
export const SELF_JUDGED: ReadonlySet<string> = new Set(['KafkaJSDeleteTopicRecordsError', 'KafkaJSAggregateError']);

/** Error types of the brokers: a leader moves, a broker is away or starting, the group rebalances. */
export const TRANSIENT_TYPES: ReadonlySet<string> = new Set([
  'CORRUPT_MESSAGE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
  'REQUEST_TIMED_OUT',
  'BROKER_NOT_AVAILABLE',
  'REPLICA_NOT_AVAILABLE',
  'STALE_CONTROLLER_EPOCH',
  'NETWORK_EXCEPTION',
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'REBALANCE_IN_PROGRESS',
  'NOT_CONTROLLER',
  'CONCURRENT_TRANSACTIONS',
  'KAFKA_STORAGE_ERROR',
  'FETCH_SESSION_ID_NOT_FOUND',
  'INVALID_FETCH_SESSION_EPOCH',
  'LISTENER_NOT_FOUND',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'STALE_BROKER_EPOCH',
  'OFFSET_NOT_AVAILABLE',
  'MEMBER_ID_REQUIRED',
  'PREFERRED_LEADER_NOT_AVAILABLE',
  'ELIGIBLE_LEADERS_NOT_AVAILABLE',
  'ELECTION_NOT_NEEDED',
  'UNSTABLE_OFFSET_COMMIT',
]);

/** Error types of the brokers that stay until a record, a setting, a right or a version changes. */
export const FINAL_TYPES: ReadonlySet<string> = new Set([
  'UNKNOWN',
  'OFFSET_OUT_OF_RANGE',
  'INVALID_FETCH_SIZE',
  'MESSAGE_TOO_LARGE',
  'OFFSET_METADATA_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_REQUIRED_ACKS',
  'INCONSISTENT_GROUP_PROTOCOL',
  'INVALID_GROUP_ID',
  'INVALID_SESSION_TIMEOUT',
  'INVALID_COMMIT_OFFSET_SIZE',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'INVALID_TIMESTAMP',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
  'UNSUPPORTED_VERSION',
  'TOPIC_ALREADY_EXISTS',
  'INVALID_PARTITIONS',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_REPLICA_ASSIGNMENT',
  'INVALID_CONFIG',
  'INVALID_REQUEST',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
  'POLICY_VIOLATION',
  // Of idempotent and transactional producers, which this library is not.
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_TXN_STATE',
  'INVALID_PRODUCER_ID_MAPPING',
  'INVALID_TRANSACTION_TIMEOUT',
  'TRANSACTION_COORDINATOR_FENCED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'UNKNOWN_PRODUCER_ID',
  'SECURITY_DISABLED',
  'OPERATION_NOT_ATTEMPTED',
  'LOG_DIR_NOT_FOUND',
  'SASL_AUTHENTICATION_FAILED',
  'REASSIGNMENT_IN_PROGRESS',
  'NO_REASSIGNMENT_IN_PROGRESS',
  'DELEGATION_TOKEN_AUTH_DISABLED',
  'DELEGATION_TOKEN_NOT_FOUND',
  'DELEGATION_TOKEN_OWNER_MISMATCH',
  'DELEGATION_TOKEN_REQUEST_NOT_ALLOWED',
  'DELEGATION_TOKEN_AUTHORIZATION_FAILED',
  'DELEGATION_TOKEN_EXPIRED',
  'INVALID_PRINCIPAL_TYPE',
  'NON_EMPTY_GROUP',
  'GROUP_ID_NOT_FOUND',
  'TOPIC_DELETION_DISABLED',
  'UNSUPPORTED_COMPRESSION_TYPE',
  'GROUP_MAX_SIZE_REACHED',
  'FENCED_INSTANCE_ID',
  'GROUP_SUBSCRIBED_TO_TOPIC',
  'INVALID_RECORD',
  // What a broker newer than kafkajs says with a number that kafkajs does not know.
  'KAFKAJS_UNKNOWN_ERROR_CODE',
]);

/** Node's codes of sockets and name look-up. */
export const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
]);

/** kafkajs calls every failure while it signs in one of authentication, also that the connection broke meanwhile. */
export const CUT_OFF_WHILE_SIGNING_IN =
  /(Closed connection|Connection error|Connection timeout|Connection closed by the server|Failed to connect|Not connected|Request .* timed out)/;
