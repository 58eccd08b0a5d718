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

/** All jobs by the time they were made, newest first. */
export class JobList {
  private readonly statements: ReturnType<typeof jobStatements>;

  constructor(
    private readonly session: CassandraSession,
    private readonly jobs: JobRepository,
  ) {
    this.statements = jobStatements(session.keyspace);
  }

  /** Rejects with the driver's error. With `matches`, it reads on until the page is full or the list ends. */
  async page(query: JobQuery): Promise<JobPage> {
    const items: StoredJob[] = [];
    for await (const ids of this.idChunks(query)) {
      const jobs = await Promise.all(ids.map((id) => this.jobs.find(id)));
      for (const job of jobs) {
        if (!job || (query.matches && !(await query.matches(job)))) continue;
        if (items.length === query.limit) return { items, next: formatJobCursor(items.at(-1)!) };
        items.push(job);
      }
    }
    return { items, next: null };
  }

  private async *idChunks({ after, from = -Infinity }: JobQuery): AsyncGenerator<string[]> {
    let chunk: string[] = [];
    for await (const row of this.entries(after)) {
      if ((row['created_at'] as Date).getTime() < from) break;
      chunk.push(String(row['id']));
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
