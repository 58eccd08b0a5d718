import { retryUntil } from '@orderstream/resilience';
import { classify } from '../failures/classify.js';
import type { FoundRecord, RecordTable } from '../records/record-table.js';
import type { CassandraSession, QueryResult } from '../session/cassandra-session.js';
import { planQuestion } from './plan-question.js';
import type { PlannedQuestion, Question, UnanswerableQuestion } from './question.js';

/** Tries of one page of a whole answer, with their back-off about 15 s in all. */
const TRIES = 8;
const BACKOFF = { initialMs: 200, maxMs: 4_000 } as const;
/** A page that a busy node has to gather from disk, ms. */
const PAGE_TIMEOUT_MS = 15_000;

/** Rows are asked for in pieces, and a page ends with the piece in which it has become so large: a row may have 1 MiB. */
const PIECE_ROWS = 100;
const PAGE_BYTES = 4 * 1024 * 1024;

export interface AnswerPage {
  readonly records: readonly FoundRecord[];
  /** where the next page begins, opaque; absent behind the last one */
  readonly pageState?: string;
}

/** What the pages of a whole answer are made of. */
export interface WholeAnswerOptions {
  /** asked before each page: how many rows it may have */
  readonly pageRows: () => number;
  readonly signal: AbortSignal;
}

/** Asks the table of one stream; see `planQuestion` for what it can be asked. */
export class RecordQuestions {
  constructor(
    private readonly session: CassandraSession,
    private readonly table: RecordTable,
  ) {}

  /** The statement that answers, or why there is none. Throws UnbindableValueError. */
  plan(question: Question): PlannedQuestion | UnanswerableQuestion {
    return planQuestion(this.table.definition, this.session.keyspace, question);
  }

  /**
   * `limit` rows; fewer at the end of the answer, and where they are large. Rows that come while somebody pages may be in or not; those that
   * were there are given once. Rejects with the driver's error.
   */
  async page({ query, params }: PlannedQuestion, limit: number, from?: string): Promise<AnswerPage> {
    const records: FoundRecord[] = [];
    let pageState = from;
    let bytes = 0;
    do {
      const piece = await this.ask({ query, params }, Math.min(PIECE_ROWS, limit - records.length), pageState);
      for (const row of piece.rows) {
        const found = this.table.recordOf(row);
        bytes += bytesOf(found);
        records.push(found);
      }
      pageState = piece.pageState;
    } while (pageState !== undefined && records.length < limit && bytes < PAGE_BYTES);
    return pageState === undefined ? { records } : { records, pageState };
  }

  /** The whole answer, page by page; the next one is read when it is asked for. A page that fails for a passing reason is asked again. */
  async *pages(
    question: PlannedQuestion,
    { pageRows, signal }: WholeAnswerOptions,
  ): AsyncGenerator<readonly FoundRecord[]> {
    let pageState: string | undefined;
    do {
      const from = pageState;
      const page = await retryUntil(() => this.ask(question, pageRows(), from), {
        ...BACKOFF,
        signal,
        shouldRetry: (error, attempt) => attempt < TRIES && classify(error).class === 'transient',
      });
      yield page.rows.map((row) => this.table.recordOf(row));
      pageState = page.pageState;
    } while (pageState !== undefined);
  }

  private ask({ query, params }: PlannedQuestion, fetchSize: number, pageState?: string): Promise<QueryResult> {
    const paging = { fetchSize, requestTimeoutMs: PAGE_TIMEOUT_MS };
    return this.session.execute(query, params, pageState === undefined ? paging : { ...paging, pageState });
  }
}

/** About as many as the record has as JSON. */
function bytesOf({ record }: FoundRecord): number {
  let bytes = 0;
  for (const value of Object.values<unknown>(record))
    bytes += typeof value === 'string' ? value.length : typeof value === 'object' ? JSON.stringify(value).length : 8;
  return bytes;
}
