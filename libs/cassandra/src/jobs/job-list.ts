import type { CassandraSession, ResultRow } from '../session/cassandra-session.js';
import type { StoredJob } from './job.js';
import { dayOf, formatJobCursor, type JobCursor } from './job-cursor.js';
import type { JobRepository } from './job-repository.js';
import { jobStatements } from './job-statements.js';

export interface JobQuery {
  readonly limit: number;
  /** from `next` of the page before, by `parseJobCursor` */
  readonly after?: JobCursor | undefined;
  /** jobs made before this time, ms since the epoch, are left out */
  readonly from?: number | undefined;
  readonly matches?: (job: StoredJob) => boolean | Promise<boolean>;
}

export interface JobPage {
  readonly items: readonly StoredJob[];
  /** null at the end of the list */
  readonly next: string | null;
}

/** Jobs read at once: enough to fill a page, few enough to stop early. */
const CHUNK = 20;
/** Jobs that one page looks at, at most; the rest is for the page after it. */
const MAX_LOOKED_AT = 500;

/** All jobs by the time they were made, newest first. */
export class JobList {
  private readonly statements: ReturnType<typeof jobStatements>;

  constructor(
    private readonly session: CassandraSession,
    private readonly jobs: JobRepository,
    private readonly maxLookedAt: number = MAX_LOOKED_AT,
  ) {
    this.statements = jobStatements(session.keyspace);
  }

  /**
   * Rejects with the driver's error. With `matches`, it reads on until the page is full, the list ends, or 500 jobs (`limit`
   * where that is more) were looked at: a page with fewer jobs than asked for, even none, is the last one only when `next` is null.
   */
  async page(query: JobQuery): Promise<JobPage> {
    const items: StoredJob[] = [];
    let lookedAt = 0;
    for await (const chunk of this.chunks(query)) {
      const jobs = await Promise.all(chunk.map(({ id }) => this.jobs.find(id)));
      for (const job of jobs) {
        if (!job || (query.matches && !(await query.matches(job)))) continue;
        if (items.length === query.limit) return { items, next: formatJobCursor(items.at(-1)!) };
        items.push(job);
      }
      lookedAt += chunk.length;
      if (lookedAt >= Math.max(query.limit, this.maxLookedAt)) return { items, next: formatJobCursor(chunk.at(-1)!) };
    }
    return { items, next: null };
  }

  private async *chunks({ after, from = -Infinity }: JobQuery): AsyncGenerator<JobCursor[]> {
    let chunk: JobCursor[] = [];
    for await (const row of this.entries(after)) {
      const createdAtMs = (row['created_at'] as Date).getTime();
      if (createdAtMs < from) break;
      chunk.push({ createdAtMs, id: String(row['id']) });
      if (chunk.length < CHUNK) continue;
      yield chunk;
      chunk = [];
    }
    if (chunk.length > 0) yield chunk;
  }

  private async *entries(after: JobCursor | undefined): AsyncGenerator<ResultRow> {
    const { selectDays, selectByDay, selectByDayAfter } = this.statements;
    const afterDay = after && dayOf(after.createdAtMs);
    const days = await this.session.execute(selectDays, [afterDay ?? '9999-12-31']);
    for (const day of days.rows.map((row) => String(row['day']))) {
      const onCursorDay = after !== undefined && day === afterDay;
      const pages = onCursorDay
        ? this.session.pages(selectByDayAfter, [day, new Date(after.createdAtMs), after.id])
        : this.session.pages(selectByDay, [day]);
      for await (const page of pages) yield* page;
    }
  }
}
