import type { JobFailure, JobKind, JobState } from '@orderstream/contracts';
import type { ActiveJob } from './active-job.js';
import type { SavedProgress } from './job-saver.js';

/** What a resume needs to know of the part that was read: its hash, and the partitions that rows were spread over. */
export interface Checkpoint {
  readonly bytes: number;
  readonly sha256: string;
  readonly partitions: number;
  /** every reject of rows up to this one is written down; absent: unknown */
  readonly rejectsThrough?: number;
}

export interface JobSource {
  readonly bytes: number;
  readonly sha256: string | null;
}

/** A job this process receives, or has received and not yet written down. */
export interface RunningJob {
  readonly job: ActiveJob;
  state: JobState;
  source: JobSource;
  failure: JobFailure | null;
  publishedAtMs: number | null;
  /** its sender is being answered, although its last state could not be written down yet */
  isTold: boolean;
  readonly saver: { readonly saved: SavedProgress };
}

export interface JobToOpen {
  /** a new one unless given */
  readonly id?: string;
  readonly idempotencyKey?: string;
  readonly kind: JobKind;
  readonly stream: string;
  readonly sourceName: string;
  readonly expected?: number;
  /** JSON text */
  readonly options?: string;
}
