import { parseJobCursor, type JobList, type LeaseRepository, type StoredJob } from '@orderstream/cassandra';

const PAGE = 500;
/** Idempotency keys are kept for 24 h after the last thing that was done with them; without one, no upload is gone on with. */
const RESUMABLE_MS = 25 * 3_600_000;

/** Jobs that publish rows now, or may go on with it: their rows have write times from when the job was made. */
export class OpenJobs {
  constructor(
    private readonly list: Pick<JobList, 'page'>,
    private readonly leases: Pick<LeaseRepository, 'ownerOf'>,
  ) {}

  /** The write time before all of their rows, µs; undefined when the stream has no such job. Rejects with the driver's error. */
  async oldestBase(stream: string): Promise<bigint | undefined> {
    let oldest: bigint | undefined;
    const isOpen = (job: StoredJob) => this.isOpen(job, stream);
    for (let next: string | null | undefined; next !== null;) {
      const after = next === undefined ? undefined : parseJobCursor(next);
      const page = await this.list.page({ limit: PAGE, after, matches: isOpen });
      for (const { writeTimeBase } of page.items)
        if (oldest === undefined || writeTimeBase < oldest) oldest = writeTimeBase;
      next = page.next;
    }
    return oldest;
  }

  /** A redrive is none: its rows keep the write times that they had first. */
  private async isOpen(job: StoredJob, stream: string): Promise<boolean> {
    if (job.stream !== stream || job.kind === 'redrive') return false;
    if (job.state !== 'receiving' && job.state !== 'interrupted') return false;
    const isFresh = Number(job.revision / 1000n) > Date.now() - RESUMABLE_MS;
    return (isFresh && job.idempotencyKey !== undefined) || (await this.leases.ownerOf(job.id)) !== undefined;
  }
}
