import { formatJobCursor, type IdempotencyKeyRepository, type JobCursor, type StoredJob } from '@orderstream/cassandra';
import { ProblemError, type JobState, type JobView, type Page } from '@orderstream/contracts';
import type { JobQuery } from '@orderstream/contracts/dto';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import { findFileKeys } from './file-keys.js';
import type { JobReader } from './job-reader.js';
import { cursorOf } from './list-cursor.js';

/** Sorts behind every id of the same millisecond. */
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** What the row of a job can say when its view says `state`: the row does not know of a lost lease or of the sink. */
const ROW_STATES: Readonly<Record<JobState, readonly JobState[]>> = {
  receiving: ['receiving'],
  published: ['published'],
  stored: ['published', 'stored'],
  interrupted: ['receiving', 'interrupted'],
  failed: ['failed'],
  cancelled: ['cancelled'],
};

/** `GET /jobs`: jobs by time, state, stream and idempotency key. */
export class JobSearch {
  constructor(
    private readonly reader: JobReader,
    private readonly keys: IdempotencyKeyRepository,
  ) {}

  /** Newest first; of one key in the order of its files. Throws `bad_parameter` and `store_unavailable`. */
  async page(query: JobQuery): Promise<Page<JobView>> {
    if (query.key !== undefined) return this.ofKey(query.key, query);
    const { limit, state } = query;
    const from = query.from === undefined ? undefined : Date.parse(query.from);
    const matches = (job: StoredJob) =>
      (query.stream === undefined || job.stream === query.stream) &&
      (state === undefined || ROW_STATES[state].includes(job.state));
    const fits = (view: JobView) => state === undefined || view.state === state;
    return this.reader.page({ limit, after: startOf(query), from, matches }, fits);
  }

  private async ofKey(key: string, query: JobQuery): Promise<Page<JobView>> {
    const ids = await orStoreUnavailable(() => this.idsOf(key));
    const after = cursorOf(query);
    const begin = after ? ids.indexOf(after.id) + 1 : 0;
    const page = ids.slice(begin, begin + query.limit);
    const views = await Promise.all(page.map((id) => this.viewIfMade(id)));
    const items = views.filter((view): view is JobView => view !== undefined && fitsAll(view, query));
    const last = begin + query.limit < ids.length ? page.at(-1) : undefined;
    // Their order is that of the files, so of the cursor only the id counts.
    return { items, next: last === undefined ? null : formatJobCursor({ createdAtMs: 0, id: last }) };
  }

  private async idsOf(key: string): Promise<string[]> {
    const whole = await this.keys.find(key);
    if (whole) return [whole.jobId];
    return (await findFileKeys(this.keys, key)).map(({ jobId }) => jobId);
  }

  /** A key is taken a moment before its job is made. */
  private viewIfMade(id: string): Promise<JobView | undefined> {
    return this.reader.view(id).catch((error: unknown) => {
      if (error instanceof ProblemError && error.code === 'job_not_found') return undefined;
      throw error;
    });
  }
}

function fitsAll({ stream, state, createdAt }: JobView, query: JobQuery): boolean {
  const time = Date.parse(createdAt);
  return (
    (query.stream === undefined || stream === query.stream) &&
    (query.state === undefined || state === query.state) &&
    (query.from === undefined || time >= Date.parse(query.from)) &&
    (query.to === undefined || time < Date.parse(query.to))
  );
}

/** Where a page begins: behind the page before it, or at the newest job before `to`. */
function startOf({ cursor, to }: JobQuery): JobCursor | undefined {
  if (cursor !== undefined) return cursorOf({ cursor });
  return to === undefined ? undefined : { createdAtMs: Date.parse(to) - 1, id: LAST_ID };
}
