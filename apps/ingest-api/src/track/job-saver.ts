import type { JobChange, JobRepository, JobSegment } from '@orderstream/cassandra';
import type { JobState } from '@orderstream/contracts';
import type { ActiveJob } from './active-job.js';

/** Segments of one write. A job and its segments are one partition, so Cassandra does not warn of their size. */
const SEGMENTS_PER_WRITE = 1000;

/** Writes one active job to its table: a checkpoint at a time, only the segments that changed. */
export class JobSaver {
  private saving: Promise<void> = Promise.resolve();

  constructor(
    private readonly jobs: JobRepository,
    private readonly job: ActiveJob,
    private revision: bigint,
    /** JSON text, read together with the counts: what a resume needs to know */
    private readonly checkpoint: () => string | undefined = () => undefined,
  ) {}

  /** Writes changed segments, then counts and state. Calls queue up. Rejects with the driver's error. */
  save(state: JobState, more: JobChange = {}): Promise<void> {
    const next = this.saving.catch(() => undefined).then(() => this.write(state, more));
    this.saving = next;
    return next;
  }

  private async write(state: JobState, more: JobChange): Promise<void> {
    const { job } = this;
    const counts = { ...countsOf(job), checkpoint: this.checkpoint() };
    const changed = job.takeChangedSegments();
    try {
      const segments = changed.map((seq) => ({ seq, ...job.segments[seq]! }));
      while (segments.length > SEGMENTS_PER_WRITE) {
        await this.put(state, {}, segments.splice(0, SEGMENTS_PER_WRITE));
      }
      await this.put(state, { ...counts, ...more }, segments);
    } catch (error) {
      job.markChanged(changed);
      throw error;
    }
  }

  private async put(state: JobState, change: JobChange, segments: readonly JobSegment[]): Promise<void> {
    // The state comes with the last write, so that no reader takes half of the segments for all.
    const isLast = Object.keys(change).length > 0;
    const now = { id: this.job.id, revision: this.revision, state: isLast ? state : 'receiving' } as const;
    this.revision = await this.jobs.update(now, change, segments);
  }
}

function countsOf(job: ActiveJob): JobChange {
  return {
    received: job.received,
    accepted: job.accepted,
    published: job.published,
    rejectedAtDoor: job.rejectedAtDoor,
    rejectedByCode: job.rejectedByCode,
    warnings: [...job.warnings],
    // One that was settled while it was interrupted and goes on now is open again.
    stored: null,
    rejectedInSink: null,
    settledAtMs: null,
  };
}
