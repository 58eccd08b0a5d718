import { retryUntil } from '@orderstream/resilience';
import { classify } from '../failures/classify.js';
import type { CassandraSession, QueryResult, ResultRow } from '../session/cassandra-session.js';
import { encodeInt64 } from '../values/encode.js';
import type { TokenSpan } from '../session/token-ring.js';
import { splitSpans, WHOLE_RING } from './split-spans.js';

/** Tries of one page, with their back-off about 15 s in all. */
const TRIES = 8;
const BACKOFF = { initialMs: 200, maxMs: 4_000 } as const;
/**
 * Cassandra gives a page up that meets more than 100,000 deletions (`tombstone_failure_threshold`), so a table in which
 * millions were deleted is read in small pieces even where the ring has one range.
 */
const LEAST_SPANS = 64;
/** Each has a page in memory. */
const RANGES_AT_ONCE = 4;
/** A page that a busy node has to gather from disk, ms. */
const PAGE_TIMEOUT_MS = 15_000;

export interface ScanOptions {
  /** rows per page, default 1000; four pages are in memory */
  readonly pageRows?: number;
  /** ends the scan: it rejects with the signal's reason */
  readonly signal?: AbortSignal;
}

/** The two statements of a scan: each has one bound, or two, on the token of the partition key. */
export interface ScanStatements {
  /** `token(…) > ?` */
  readonly after: string;
  /** `token(…) > ? AND token(…) <= ?` */
  readonly between: string;
}

/**
 * Reads a whole table by the token ranges of the ring, a few at once, page by page; every row that was there all the
 * time is given exactly once. `onPage` is awaited, so memory is bounded by pages × ranges at once. A page that fails for
 * a passing reason is asked again. Rejects with the driver's error, or that of `onPage`; nothing is read after it.
 */
export async function scanByTokenRange(
  session: CassandraSession,
  statements: ScanStatements,
  onPage: (rows: readonly ResultRow[]) => void | Promise<void>,
  options: ScanOptions = {},
): Promise<void> {
  const spans = splitSpans(session.tokenRing()?.spans() ?? [WHOLE_RING], LEAST_SPANS);
  const failed = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal;
  const scanNext = async (): Promise<void> => {
    for (let span = spans.pop(); span !== undefined; span = spans.pop()) {
      for await (const rows of pagesOf(session, queryOf(statements, span), signal, options.pageRows))
        await onPage(rows);
    }
  };
  const workers = Array.from({ length: RANGES_AT_ONCE }, () =>
    scanNext().catch((error: unknown) => {
      failed.abort(error);
      throw error;
    }),
  );
  const ends = await Promise.allSettled(workers);
  if (ends.some(({ status }) => status === 'rejected')) throw signal.reason;
}

interface BoundQuery {
  readonly query: string;
  readonly params: readonly Uint8Array[];
}

const queryOf = ({ after, between }: ScanStatements, span: TokenSpan): BoundQuery =>
  span.upTo === null
    ? { query: after, params: [encodeInt64(span.after)] }
    : { query: between, params: [encodeInt64(span.after), encodeInt64(span.upTo)] };

async function* pagesOf(
  session: CassandraSession,
  { query, params }: BoundQuery,
  signal: AbortSignal,
  pageRows = 1000,
): AsyncGenerator<readonly ResultRow[]> {
  const paging = { fetchSize: pageRows, requestTimeoutMs: PAGE_TIMEOUT_MS };
  let pageState: string | undefined;
  do {
    const from = pageState === undefined ? paging : { ...paging, pageState };
    const page: QueryResult = await retryUntil(() => session.execute(query, params, from), {
      ...BACKOFF,
      signal,
      shouldRetry: (error, attempt) => attempt < TRIES && classify(error).class === 'transient',
    });
    if (page.rows.length > 0) yield page.rows;
    signal.throwIfAborted();
    pageState = page.pageState;
  } while (pageState !== undefined);
}
