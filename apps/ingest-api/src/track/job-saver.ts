import type { JobChange, JobRepository, JobSegment } from '@orderstream/cassandra';
import type { JobState, RowFaultCode, Segment } from '@orderstream/contracts';
import type { ActiveJob } from './active-job.js';

/** Segments of one write. A job and its segments are one partition, so Cassandra does not warn of their size. */
const SEGMENTS_PER_WRITE = 1000;

/** Counts of a job, and the segments they were counted from. */
export interface SavedProgress {
  readonly published: number;
  readonly rejectedAtDoor: number;
  readonly rejectedByCode: Readonly<Partial<Record<RowFaultCode, number>>>;
  readonly segments: readonly Segment[];
}

/** Writes one active job to its table: a checkpoint at a time, only the segments that changed. */
export class JobSaver {
  private saving: Promise<void> = Promise.resolve();
  private written: SavedProgress;

  constructor(
    private readonly jobs: JobRepository,
    private readonly job: ActiveJob,
    private revision: bigint,
    /** JSON text, read together with the counts: what a resume needs to know */
    private readonly checkpoint: () => string | undefined = () => undefined,
  ) {
    this.written = progressOf(job);
  }

  /** What the table holds: a process that takes the job over begins with it. */
  get saved(): SavedProgress {
    return this.written;
  }

  /** The next write lies above this revision too. */
  follow(revision: bigint): void {
    if (revision > this.revision) this.revision = revision;
  }

  /**
   * Writes changed segments, then counts and state. Calls queue up. Rejects with the driver's error, and with what
   * `check` throws; it is asked right before each write.
   */
  save(state: JobState, more: JobChange = {}, check: () => void = () => undefined): Promise<void> {
    const next = this.saving.catch(() => undefined).then(() => this.write(state, more, check));
    this.saving = next;
    return next;
  }

  private async write(state: JobState, more: JobChange, check: () => void): Promise<void> {
    const { job } = this;
    const progress = progressOf(job);
    const change = { ...changeOf(progress), warnings: [...job.warnings], checkpoint: this.checkpoint(), ...more };
    const changed = job.takeChangedSegments();
    try {
      const segments = changed.map((seq) => ({ seq, ...progress.segments[seq]! }));
      while (segments.length > SEGMENTS_PER_WRITE) {
        check();
        await this.writePart(segments.splice(0, SEGMENTS_PER_WRITE));
      }
      check();
      await this.put(state, change, segments);
      this.written = progress;
    } catch (error) {
      job.markChanged(changed);
      throw error;
    }
  }

  /** The state comes with the last part. Each part has the counts of its segments, so that a reader finds them close. */
  private async writePart(part: readonly JobSegment[]): Promise<void> {
    const segments = [...this.written.segments];
    let { published } = this.written;
    for (const { seq, ...segment } of part) {
      published += segment.count - (segments[seq]?.count ?? 0);
      segments[seq] = segment;
    }
    const progress = { ...this.written, published, segments };
    await this.put('receiving', changeOf(progress), part);
    this.written = progress;
  }

  private async put(state: JobState, change: JobChange, segments: readonly JobSegment[]): Promise<void> {
    this.revision = await this.jobs.update({ id: this.job.id, revision: this.revision, state }, change, segments);
  }
}

const progressOf = ({ published, rejectedAtDoor, rejectedByCode, segments }: ActiveJob): SavedProgress => ({
  published,
  rejectedAtDoor,
  rejectedByCode,
  segments: [...segments],
});

function changeOf({ published, rejectedAtDoor, rejectedByCode }: SavedProgress): JobChange {
  return {
    received: published + rejectedAtDoor,
    accepted: published,
    published,
    rejectedAtDoor,
    rejectedByCode,
    // One that was settled while it was interrupted and goes on now is open again.
    stored: null,
    rejectedInSink: null,
    settledAtMs: null,
    failure: null,
  };
}
