import type { CassandraSession, ResultRow } from '../session/cassandra-session.js';
import { numberIn } from '../values/result-values.js';
import { underCursor } from './bad-cursor-error.js';
import type {
  DeadLetterState,
  LetterPosition,
  NewDeadLetter,
  StoredDeadLetter,
  StoredDeadLetterSummary,
} from './dead-letter.js';
import { letterIn, letterParams, positionIn, summaryIn } from './dead-letter-rows.js';
import { deadLetterStatements } from './dead-letter-statements.js';

/** At least one of them narrows a list; `jobId` and `fingerprint` may go together. */
export interface DeadLetterQuery {
  readonly jobId?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly topic?: string | undefined;
  readonly limit: number;
  /** `next` of the page before */
  readonly cursor?: string | undefined;
}

export interface DeadLetterPage {
  readonly items: readonly StoredDeadLetterSummary[];
  /** null at the end of the list */
  readonly next: string | null;
}

/** Letters per page of a scan; their values are not read. */
const SCAN_PAGE = 5_000;
/** Letters asked for by their ids in one question, and questions at once. */
const IDS_AT_ONCE = 100;
const QUESTIONS_AT_ONCE = 8;
/** A letter is kept for this long unless told otherwise, s: 90 days. */
export const LETTER_TTL_S = 90 * 86_400;

/** Every call rejects with the driver's error. */
export class DeadLetterRepository {
  private readonly statements: ReturnType<typeof deadLetterStatements>;

  /** `ttlSeconds`: how long letters are kept that are put here, from the last time they are put */
  constructor(
    private readonly session: CassandraSession,
    private readonly ttlSeconds: number = LETTER_TTL_S,
  ) {
    this.statements = deadLetterStatements(session.keyspace);
  }

  async prepareAll(): Promise<void> {
    await this.session.prepare(Object.values(this.statements));
  }

  /**
   * Writes one letter; again, it is the same letter: its state and the time it was first seen stay. All of it or
   * nothing is applied. `firstSeenMs` is now.
   */
  async put(letter: NewDeadLetter): Promise<void> {
    const { insert, insertFirstSeen } = this.statements;
    const firstSeen = [letter.id, new Date(letter.firstSeenMs), BigInt(letter.firstSeenMs) * -1_000n, this.ttlSeconds];
    await this.session.batch([
      { query: insert, params: [...letterParams(letter), this.ttlSeconds] },
      { query: insertFirstSeen, params: firstSeen },
    ]);
  }

  async find(id: string): Promise<StoredDeadLetter | undefined> {
    const { rows } = await this.session.execute(this.statements.selectById, [id]);
    return rows[0] && isLetter(rows[0]) ? letterIn(rows[0]) : undefined;
  }

  /**
   * One page, in no order that means anything. A cursor belongs to the query it came from; throws BadCursorError for what
   * is none.
   */
  async list(query: DeadLetterQuery): Promise<DeadLetterPage> {
    const { cql, params } = this.narrowest(query);
    const { limit, cursor } = query;
    const from = cursor === undefined ? {} : { pageState: cursor };
    const page = await underCursor(cursor, () => this.session.execute(cql, params, { fetchSize: limit, ...from }));
    return { items: page.rows.filter(isLetter).map(summaryIn), next: page.pageState ?? null };
  }

  /** All letters of a job, by page: distinct, since a replay is the same letter. */
  async *positionsOfJob(jobId: string): AsyncGenerator<readonly LetterPosition[]> {
    for await (const rows of this.session.pages(this.statements.selectPositionsByJob, [jobId], {
      fetchSize: SCAN_PAGE,
    })) {
      yield rows.filter(isLetter).map(positionIn);
    }
  }

  /** The letters with these ids, as far as they are there, in no order. */
  async *positionsOf(ids: readonly string[]): AsyncGenerator<readonly LetterPosition[]> {
    for await (const rows of this.each(this.statements.selectEachPosition, ids)) yield rows.map(positionIn);
  }

  /** The same, with why and when; without keys, values and headers. */
  async *summariesOf(ids: readonly string[]): AsyncGenerator<readonly StoredDeadLetterSummary[]> {
    for await (const rows of this.each(this.statements.selectEach, ids)) yield rows.map(summaryIn);
  }

  /** All letters, or those of a job or a cause, by page. Without keys, values and headers. */
  async *summaries(
    narrowed: Pick<DeadLetterQuery, 'jobId' | 'fingerprint'> = {},
  ): AsyncGenerator<readonly StoredDeadLetterSummary[]> {
    const { cql, params } = this.narrowest(narrowed);
    for await (const rows of this.session.pages(cql, params, { fetchSize: SCAN_PAGE }))
      yield rows.filter(isLetter).map(summaryIn);
  }

  /** All open letters, by page. Reads the whole table. */
  async *openLetters(): AsyncGenerator<readonly StoredDeadLetterSummary[]> {
    for await (const letters of this.summaries()) yield letters.filter(({ state }) => state === 'open');
  }

  /** All letters of the records of a topic, whatever became of them, by page. */
  async *lettersOfTopic(topic: string): AsyncGenerator<readonly StoredDeadLetterSummary[]> {
    for await (const rows of this.session.pages(this.statements.selectByTopic, [topic], { fetchSize: SCAN_PAGE })) {
      yield rows.filter(isLetter).map(summaryIn);
    }
  }

  /** Moves a letter from one state to another; false when it is not (or no longer) in `from`. Of two callers one wins. */
  async move(letter: LetterName, from: DeadLetterState, to: DeadLetterState): Promise<boolean> {
    const params = [stored(to), letter.id, stored(from), letter.topic];
    return this.change(letter, this.statements.move, params);
  }

  /** Moves a letter to `discarded`, for good; false as `move` answers it. */
  async discard(letter: LetterName, from: DeadLetterState, reason: string): Promise<boolean> {
    return this.change(letter, this.statements.discard, [reason, letter.id, stored(from), letter.topic]);
  }

  private async change({ id }: LetterName, query: string, params: readonly unknown[]): Promise<boolean> {
    const found = await this.session.execute(this.statements.selectTimeToLive, [id]);
    if (!found.rows[0]) return false;
    const ttlSeconds = numberIn(found.rows[0], 'seconds_left') ?? 0; // 0: for ever, as letters of an earlier version are
    const { rows } = await this.session.execute(query, [ttlSeconds, ...params], { idempotent: false });
    return rows[0]?.['[applied]'] === true;
  }

  private async *each(query: string, ids: readonly string[]): AsyncGenerator<readonly ResultRow[]> {
    const ask = async (from: number): Promise<readonly ResultRow[]> =>
      (await this.session.execute(query, [ids.slice(from, from + IDS_AT_ONCE)])).rows.filter(isLetter);
    for (let at = 0; at < ids.length; at += IDS_AT_ONCE * QUESTIONS_AT_ONCE) {
      const some = Array.from({ length: QUESTIONS_AT_ONCE }, (_, i) => at + i * IDS_AT_ONCE);
      yield* await Promise.all(some.filter((from) => from < ids.length).map(ask));
    }
  }

  private narrowest(query: Omit<DeadLetterQuery, 'limit' | 'cursor'>): { cql: string; params: readonly string[] } {
    const { jobId, fingerprint, topic } = query;
    const { selectAll, selectByJob, selectByFingerprint, selectByJobAndFingerprint, selectByTopic } = this.statements;
    if (jobId !== undefined && fingerprint !== undefined)
      return { cql: selectByJobAndFingerprint, params: [jobId, fingerprint] };
    if (jobId !== undefined) return { cql: selectByJob, params: [jobId] };
    if (fingerprint !== undefined) return { cql: selectByFingerprint, params: [fingerprint] };
    return topic === undefined ? { cql: selectAll, params: [] } : { cql: selectByTopic, params: [topic] };
  }
}

/** What names a letter: the topic keeps one from being made by a change of its state. */
export type LetterName = Pick<StoredDeadLetterSummary, 'id' | 'topic'>;

/** Open is null, so that no insert needs to name it. */
const stored = (state: DeadLetterState): string | null => (state === 'open' ? null : state);

/** Remains of a deleted letter have no topic. */
const isLetter = (row: ResultRow): boolean => row['topic'] !== null && row['topic'] !== undefined;
