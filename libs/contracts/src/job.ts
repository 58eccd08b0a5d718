import type { ProblemCode } from './problem-codes.js';
import type { FaultStage } from './row-faults.js';

export type JobKind = 'upload' | 'run' | 'redrive';
export const JOB_STATES = ['receiving', 'published', 'stored', 'interrupted', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** What Kafka acknowledged in one `send`, or in adjoining ones of the same partition. */
export interface Segment {
  readonly topic: string;
  readonly partition: number;
  /** first offset, as a decimal string */
  readonly base: string;
  readonly count: number;
  readonly firstRow: number;
  readonly lastRow: number;
  readonly attempt: number;
}

/** Distinct rows. received = accepted + rejectedAtDoor; accepted = stored + rejectedInSink + pending. */
export interface JobCounts {
  received: number;
  accepted: number;
  published: number;
  stored: number;
  pending: number;
  rejected: number;
  rejectedAtDoor: number;
  rejectedInSink: number;
}

/** Why a job did not come to a good end. */
export interface JobFailure {
  /** that of the problem its sender was told; `process_lost` when the process that received it is gone */
  readonly code: ProblemCode | 'process_lost';
  readonly detail: string;
  /** where it stopped, when that is known: the physical line of a file, the index in JSON */
  readonly line?: number;
}

/** One row of a job that is rejected, and why. */
export interface JobReject {
  /** physical line in a file, index in JSON or in a run */
  readonly line: number;
  readonly column: string | null;
  /** of `ROW_FAULTS` */
  readonly code: string;
  /** the offending text, cut for display and with control characters escaped */
  readonly value: string | null;
  readonly reason: string;
  readonly stage: FaultStage;
}

export interface JobView {
  readonly id: string;
  readonly kind: JobKind;
  readonly stream: string;
  readonly state: JobState;
  readonly source: { readonly name: string; readonly bytes: number; readonly sha256: string | null };
  readonly counts: JobCounts;
  readonly rejectedByCode: Readonly<Record<string, number>>;
  readonly segments: readonly Segment[];
  readonly warnings: readonly string[];
  /** null unless the job is `failed`, `interrupted` or `cancelled` */
  readonly failure: JobFailure | null;
  readonly createdAt: string;
  readonly publishedAt: string | null;
  readonly settledAt: string | null;
  readonly estimatedSeconds: number | null;
  /** `rejects` is there when rows were rejected */
  readonly links: { readonly self: string; readonly rejects?: string };
}
