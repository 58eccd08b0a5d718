import type { CassandraSession } from '../session/cassandra-session.js';
import type { JobChange, JobSegment, JobWithSegments, NewJob, StoredJob } from './job.js';
import { dayOf } from './job-cursor.js';
import { changeParams, jobIn, newJobParams, segmentIn, segmentParams } from './job-rows.js';
import { jobStatements } from './job-statements.js';

/**
 * Jobs and their segments. A job has one writer at a time, so nothing here is a lightweight transaction; whoever takes
 * it over reads it first. Every call rejects with the driver's error.
 */
export class JobRepository {
  private readonly statements: ReturnType<typeof jobStatements>;

  /** `clockMicros` is the process's clock, µs */
  constructor(
    private readonly session: CassandraSession,
    private readonly clockMicros: () => bigint = () => BigInt(Date.now()) * 1_000n,
  ) {
    this.statements = jobStatements(session.keyspace);
  }

  async prepareAll(): Promise<void> {
    await this.session.prepare(Object.values(this.statements));
  }

  /** Makes the job in state `receiving` and answers its revision. Listed before it is there, never the other way round. */
  async create(job: NewJob): Promise<bigint> {
    const { insert, insertDay, insertByDay } = this.statements;
    const day = dayOf(job.createdAtMs);
    await this.session.execute(insertDay, [day]);
    await this.session.execute(insertByDay, [day, new Date(job.createdAtMs), job.id]);
    const revision = this.clockMicros();
    await this.session.execute(insert, [job.id, ...newJobParams(job), 'receiving', revision]);
    return revision;
  }

  /**
   * Changes the job and puts its segments, all of it or nothing, and answers the new revision. The new write time lies
   * above `job.revision`, so that a writer whose clock is behind the one before it is not ignored.
   */
  async update(
    job: Pick<StoredJob, 'id' | 'revision' | 'state'>,
    change: JobChange,
    segments: readonly JobSegment[] = [],
  ): Promise<bigint> {
    const clock = this.clockMicros();
    const revision = clock > job.revision ? clock : job.revision + 1n;
    // The state is always written: its write time is the revision.
    const params = [revision, ...changeParams({ ...change, state: change.state ?? job.state }), job.id];
    const update = { query: this.statements.update, params };
    const { insertSegment } = this.statements;
    const puts = segments.map((segment) => ({
      query: insertSegment,
      params: [...segmentParams(job.id, segment), revision],
    }));
    if (puts.length > 0) await this.session.batch([update, ...puts]);
    else await this.session.execute(update.query, update.params);
    return revision;
  }

  async find(id: string): Promise<StoredJob | undefined> {
    const { rows } = await this.session.execute(this.statements.selectById, [id]);
    return rows[0] && jobIn(rows[0]);
  }

  /**
   * The job and its segments as they were at one moment: a checkpoint that is written meanwhile is seen whole or not at
   * all.
   */
  async read(id: string): Promise<JobWithSegments | undefined> {
    let job = await this.find(id);
    while (job) {
      const segments = await this.segments(id);
      const after = await this.find(id);
      if (after?.revision === job.revision) return { job, segments };
      job = after;
    }
    return undefined;
  }

  /** In the order of their places. */
  async segments(id: string): Promise<JobSegment[]> {
    const segments: JobSegment[] = [];
    for await (const page of this.session.pages(this.statements.selectSegments, [id])) {
      for (const row of page) {
        const segment = segmentIn(row);
        if (segment) segments.push(segment);
      }
    }
    return segments;
  }
}
