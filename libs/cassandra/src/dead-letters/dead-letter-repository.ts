import type { CassandraSession, ResultRow } from '../session/cassandra-session.js';
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

/** Every call rejects with the driver's error. */
export class DeadLetterRepository {
  private readonly statements: ReturnType<typeof deadLetterStatements>;

  constructor(private readonly session: CassandraSession) {
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
    const firstSeen = [letter.id, new Date(letter.firstSeenMs), BigInt(letter.firstSeenMs) * -1_000n];
    await this.session.batch([
      { query: insert, params: letterParams(letter) },
      { query: insertFirstSeen, params: firstSeen },
    ]);
  }

  async find(id: string): Promise<StoredDeadLetter | undefined> {
    const { rows } = await this.session.execute(this.statements.selectById, [id]);
    return rows[0] && isLetter(rows[0]) ? letterIn(rows[0]) : undefined;
  }

  /** One page, in no order that means anything. A cursor belongs to the query it came from. */
  async list(query: DeadLetterQuery): Promise<DeadLetterPage> {
    const { cql, params } = this.narrowest(query);
    const page = await this.session.execute(cql, params, {
      fetchSize: query.limit,
      ...(query.cursor === undefined ? {} : { pageState: query.cursor }),
    });
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

  /** All open letters, by page, for grouping. Reads the whole table, without keys, values and headers. */
  async *openLetters(): AsyncGenerator<readonly StoredDeadLetterSummary[]> {
    for await (const rows of this.session.pages(this.statements.selectAll, [], { fetchSize: SCAN_PAGE })) {
      yield rows
        .filter(isLetter)
        .map(summaryIn)
        .filter(({ state }) => state === 'open');
    }
  }

  /** All letters of the records of a topic, whatever became of them, by page. */
  async *lettersOfTopic(topic: string): AsyncGenerator<readonly StoredDeadLetterSummary[]> {
    for await (const rows of this.session.pages(this.statements.selectByTopic, [topic], { fetchSize: SCAN_PAGE })) {
      yield rows.filter(isLetter).map(summaryIn);
    }
  }

  /** Moves a letter from one state to another; false when it is not (or no longer) in `from`. Of two callers one wins. */
  async move(
    letter: Pick<StoredDeadLetterSummary, 'id' | 'topic'>,
    from: DeadLetterState,
    to: DeadLetterState,
  ): Promise<boolean> {
    const params = [stored(to), letter.id, stored(from), letter.topic];
    const { rows } = await this.session.execute(this.statements.move, params, { idempotent: false });
    return rows[0]?.['[applied]'] === true;
  }

  private narrowest({ jobId, fingerprint, topic }: DeadLetterQuery): { cql: string; params: readonly string[] } {
    const { selectAll, selectByJob, selectByFingerprint, selectByJobAndFingerprint, selectByTopic } = this.statements;
    if (jobId !== undefined && fingerprint !== undefined)
      return { cql: selectByJobAndFingerprint, params: [jobId, fingerprint] };
    if (jobId !== undefined) return { cql: selectByJob, params: [jobId] };
    if (fingerprint !== undefined) return { cql: selectByFingerprint, params: [fingerprint] };
    return topic === undefined ? { cql: selectAll, params: [] } : { cql: selectByTopic, params: [topic] };
  }
}

/** Open is null, so that no insert needs to name it. */
const stored = (state: DeadLetterState): string | null => (state === 'open' ? null : state);

/** Remains of a deleted letter have no topic. */
const isLetter = (row: ResultRow): boolean => row['topic'] !== null && row['topic'] !== undefined;
