import { parseDurationMs, ProblemError, type JobView } from '@orderstream/contracts';
import type { IngestQuery } from '@orderstream/contracts/dto';
import type { StreamRegistry } from '@orderstream/streams';
import { streamNamed } from '../problems/stream-named.js';
import type { JobReader } from '../track/job-reader.js';
import type { BodyLimits } from './body-decoding.js';
import { formatOf, isMultipart } from './media-type.js';
import type { BodyToOpen } from './open-body.js';
import { readingOptionsOf } from './reading-query.js';

export interface IngestRequest {
  readonly body: AsyncIterable<Buffer>;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly query: IngestQuery;
  /** `Idempotency-Key` */
  readonly key?: string | undefined;
  /** aborted when nobody waits for the answer any more */
  readonly gone?: AbortSignal | undefined;
}

export interface IngestAnswer {
  readonly status: 200 | 202;
  readonly location?: string;
  /** what was made is that of an earlier upload under the same key */
  readonly replayed?: boolean;
  readonly body: unknown;
}

const MAX_KEY_LENGTH = 200;

/** Throws `bad_parameter`. */
export function keyOf({ key }: IngestRequest): string | undefined {
  if (key === undefined || (key.length <= MAX_KEY_LENGTH && /^[\x21-\x7e]+$/.test(key))) return key;
  const detail = `Idempotency-Key has 1 to ${MAX_KEY_LENGTH} characters of ASCII without spaces, such as a UUID or a hash`;
  throw new ProblemError('bad_parameter', detail);
}

/** What of a request decides how its body is read: the same bytes with another of these are another upload. */
export function readingTextOf({ query, contentType }: IngestRequest): string {
  const { wait: _wait, timeout: _timeout, ...reading } = query;
  const format = isMultipart(contentType) ? 'multipart' : formatOf(contentType);
  return JSON.stringify({ format, ...reading });
}

/** `part`: a file of a multipart body; its own type counts. Throws `stream_not_found` and `bad_parameter`. */
export function bodyToOpen(
  { query, contentType, contentEncoding, body }: IngestRequest,
  { registry, limits }: { readonly registry: StreamRegistry; readonly limits: BodyLimits },
  part?: { readonly body: AsyncIterable<Buffer>; readonly contentType: string; readonly fileName: string },
): BodyToOpen {
  const stream = query.stream === undefined ? undefined : streamNamed(registry, query.stream);
  const delimiter = query.delimiter === 'tab' ? '\t' : query.delimiter;
  const reading = readingOptionsOf(query);
  const options = {
    registry,
    extra: query.extra,
    delimiter,
    unescape: query.unescape === 'true',
    ...(stream && { stream }),
    ...(reading && { reading }),
  };
  // The encoding of a multipart body is undone before its parts are told apart.
  if (part) return { ...part, options, limits };
  return { contentType, ...(contentEncoding !== undefined && { contentEncoding }), body, options, limits };
}

/** ms */
export const waitMs = ({ query }: IngestRequest): number => parseDurationMs(query.timeout) ?? 0;

/** The job once it is in the state that is waited for, or as it is when the time is over. Throws when the sender is gone. */
export function awaitedView(
  reader: JobReader,
  id: string,
  request: IngestRequest,
  timeoutMs = waitMs(request),
): Promise<JobView> {
  if (request.query.wait === 'published') return reader.view(id);
  return reader.waitSettled(id, timeoutMs, request.gone);
}

/** Undefined when a row of the job was accepted. */
export function nothingAccepted(view: JobView): ProblemError | undefined {
  const { received, accepted } = view.counts;
  if (accepted > 0) return undefined;
  const detail = received === 0 ? 'the body has no row' : `all ${received} rows were rejected; rejectedByCode says why`;
  return new ProblemError('no_row_accepted', detail, { job: view });
}
