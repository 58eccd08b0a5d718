import type { JobKind, JobState, Segment } from '@orderstream/contracts';

/** What is known when a job is made, and never changes. Times are ms since the epoch. */
export interface NewJob {
  readonly id: string;
  readonly kind: JobKind;
  readonly stream: string;
  readonly sourceName: string;
  /** write time of row 0, µs; row n has this + n */
  readonly writeTimeBase: bigint;
  readonly createdAtMs: number;
  /** rows a run is to make */
  readonly expected?: number | undefined;
  /** JSON text, the caller's */
  readonly options?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

/** What changes. In a change, an absent field is left alone and `null` clears it. */
export interface JobProgress {
  readonly state: JobState;
  readonly sourceBytes: number;
  readonly sourceSha256: string | null;
  readonly received: number;
  readonly accepted: number;
  readonly published: number;
  readonly rejectedAtDoor: number;
  /** settled counts; null while they are derived */
  readonly stored: number | null;
  readonly rejectedInSink: number | null;
  readonly rejectedByCode: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  /** JSON text, the caller's: where a resume goes on */
  readonly checkpoint: string | null;
  /** JSON text, the caller's: why the job did not come to a good end */
  readonly failure: string | null;
  readonly publishedAtMs: number | null;
  readonly settledAtMs: number | null;
}

export type JobChange = { readonly [K in keyof JobProgress]?: JobProgress[K] | undefined };

export interface StoredJob extends NewJob, JobProgress {
  /** Write time of the last change, µs. Greater after every change, whoever makes it: give it to the next `update`. */
  readonly revision: bigint;
}

/** A segment in its place. The same `seq` again replaces it, for example with a greater count. */
export interface JobSegment extends Segment {
  readonly seq: number;
}

export interface JobWithSegments {
  readonly job: StoredJob;
  /** in the order of their places */
  readonly segments: readonly JobSegment[];
}
