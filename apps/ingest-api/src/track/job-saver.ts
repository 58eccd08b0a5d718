import type { JobChange, JobRepository } from '@orderstream/cassandra';
import type { JobState } from '@orderstream/contracts';
import type { ActiveJob } from './active-job.js';

/** Segments of one write: a job's partition takes them as one batch, which must stay under 5 KiB. */
const SEGMENTS_PER_WRITE = 15;

/** Writes one active job to its table: a checkpoint at a time, only the segments that changed. */
export class JobSaver {
  private saving: Promise<void> = Promise.resolve();

  constructor(
    private readonly jobs: JobRepository,
    private readonly job: ActiveJob,
    private revision: bigint,
  ) {}

  /** Writes changed segments, then counts and state. Calls queue up. Rejects with the driver's error. */
  save(state: JobState, more: JobChange = {}): Promise<void> {
    const next = this.saving.catch(() => undefined).then(() => this.write(state, more));
    this.saving = next;
    return next;
  }

  private async write(state: JobState, more: JobChange): Promise<void> {
    const { job } = this;
    const counts = countsOf(job);
    const changed = job.takeChangedSegments();
    try {
      for (let at = 0; at < changed.length; at += SEGMENTS_PER_WRITE) {
        const chunk = changed.slice(at, at + SEGMENTS_PER_WRITE).map((seq) => ({ seq, ...job.segments[seq]! }));
        this.revision = await this.jobs.update({ id: job.id, revision: this.revision, state: 'receiving' }, {}, chunk);
      }
      this.revision = await this.jobs.update(
        { id: job.id, revision: this.revision, state },
        { ...counts, ...more, state },
      );
    } catch (error) {
      job.markChanged(changed);
      throw error;
    }
  }
}

function countsOf(job: ActiveJob): JobChange {
  return {
    received: job.received,
    accepted: job.accepted,
    published: job.published,
    rejectedAtDoor: job.rejectedAtDoor,
    rejectedByCode: Object.fromEntries(job.rejectedByCode),
    warnings: [...job.warnings],
  };
}
