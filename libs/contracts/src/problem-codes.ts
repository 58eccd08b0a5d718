/** Stable codes of the HTTP problems, with status and title. A code is never reused. */
export const PROBLEMS = {
  bad_request: { status: 400, title: 'The request is not understood' },
  bad_parameter: { status: 400, title: 'A query parameter is wrong' },
  unanswerable_filter: { status: 400, title: 'The table cannot answer this filter' },
  unanswerable_sort: { status: 400, title: 'The table does not keep its rows in this order' },
  bad_body: { status: 400, title: 'A field of the body is wrong' },
  bad_json: { status: 400, title: 'The body is not JSON' },
  not_found: { status: 404, title: 'There is nothing at this address' },
  order_not_found: { status: 404, title: 'No order has this id' },
  record_not_found: { status: 404, title: 'No record has this key' },
  job_not_found: { status: 404, title: 'No job has this id' },
  run_not_found: { status: 404, title: 'No run has this id' },
  row_not_found: { status: 404, title: 'No row of the job was published under this number' },
  stream_not_found: { status: 404, title: 'No stream has this name' },
  method_not_allowed: { status: 405, title: 'This address does not take this method' },
  request_timeout: { status: 408, title: 'The request did not come in time' },
  upload_too_slow: { status: 408, title: 'The body comes too slowly' },
  job_running: { status: 409, title: 'The job is being received' },
  job_cancelled: { status: 409, title: 'The job was cancelled' },
  job_not_settled: { status: 409, title: 'The job is not settled yet' },
  not_recounted: { status: 409, title: 'The table was not counted yet' },
  rows_expire: { status: 409, title: 'The rows of this stream expire' },
  partition_not_stopped: { status: 409, title: 'The partition is not stopped' },
  redrive_running: { status: 409, title: 'Another redrive is under way' },
  run_in_progress: { status: 409, title: 'The run is in progress' },
  expired: { status: 410, title: 'The record is past the retention of its topic' },
  length_required: { status: 411, title: 'A length is required' },
  body_too_large: { status: 413, title: 'The body is larger than allowed' },
  unsupported_media_type: { status: 415, title: 'This content type is not taken' },
  unsupported_encoding: { status: 415, title: 'This content encoding is not taken' },
  expectation_failed: { status: 417, title: 'The expectation cannot be met' },
  unknown_header: { status: 422, title: 'The header fits no stream' },
  duplicate_column: { status: 422, title: 'A column stands twice in the header' },
  no_header: { status: 422, title: 'The body has no header' },
  binary_content: { status: 422, title: 'The body is not text' },
  broken_gzip: { status: 422, title: 'The gzip data is broken' },
  gzip_ratio_exceeded: { status: 422, title: 'The gzip data expands beyond the allowed ratio' },
  broken_multipart: { status: 422, title: 'The multipart body is broken' },
  broken_json: { status: 422, title: 'The JSON body is broken' },
  idempotency_key_reused: { status: 422, title: 'The idempotency key stands for another upload' },
  idempotency_key_not_supported: { status: 422, title: 'A single record takes no idempotency key' },
  no_row_accepted: { status: 422, title: 'No row was accepted' },
  too_many_rejects: { status: 422, title: 'More rows were rejected than maxRejects allows' },
  repair_needs_line: { status: 422, title: 'The repaired rows cannot be told apart without their line' },
  rejects_incomplete: { status: 422, title: 'Not all rejected rows were kept' },
  record_rejected: { status: 422, title: 'The record was taken, and then refused on its way to the table' },
  invalid_record: { status: 422, title: 'The record was refused' },
  too_many_groups: { status: 422, title: 'The statistics have more groups than can be counted' },
  run_too_large: { status: 422, title: 'The run is too large to be verified' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  too_many_tails: { status: 429, title: 'Too many tails are open' },
  lag_too_high: { status: 429, title: 'The sink is too far behind' },
  header_too_large: { status: 431, title: 'The HTTP headers are larger than allowed' },
  internal_error: { status: 500, title: 'The server made a mistake' },
  store_unavailable: { status: 503, title: 'Cassandra cannot be reached' },
  broker_unavailable: { status: 503, title: 'Kafka cannot be reached' },
  registry_unavailable: { status: 503, title: 'The schema registry cannot be reached' },
  shutting_down: { status: 503, title: 'The server is shutting down' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** RFC 9457 `application/problem+json`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
  readonly instance: string;
  readonly errors?: readonly ProblemItem[];
  /** The job, where the problem is about one. */
  readonly job?: unknown;
}

export interface ProblemItem {
  readonly detail: string;
  readonly code?: string;
  readonly [name: string]: unknown;
}

export const problemType = (code: ProblemCode): string => `/problems/${code.replaceAll('_', '-')}`;

/** Thrown anywhere in the API; the problem filter turns it into the answer. */
export class ProblemError extends Error {
  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    readonly extra: {
      readonly errors?: readonly ProblemItem[];
      readonly retryAfterSeconds?: number;
      readonly job?: unknown;
      readonly cause?: unknown;
    } = {},
  ) {
    super(`${code}: ${detail}`, { cause: extra.cause });
    this.name = 'ProblemError';
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }
}
