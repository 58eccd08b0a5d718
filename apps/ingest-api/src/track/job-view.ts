import type { JobCounts, JobKind, JobState, JobView, Segment } from '@orderstream/contracts';
import type { Outcome } from './outcomes.js';

/** What a view is made of, whether the job is in memory or in the table. */
export interface JobFacts {
  readonly id: string;
  readonly kind: JobKind;
  readonly stream: string;
  readonly state: JobState;
  readonly sourceName: string;
  readonly sourceBytes: number;
  readonly sourceSha256: string | null;
  readonly accepted: number;
  readonly published: number;
  readonly rejectedAtDoor: number;
  readonly rejectedByCode: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  readonly createdAtMs: number;
  readonly publishedAtMs: number | null;
  readonly settledAtMs: number | null;
  /** settled counts, null before that; of a job reopened by a repair those that stand, and the outcome adds to them */
  readonly stored: number | null;
  readonly rejectedInSink: number | null;
}

/**
 * The job as the API shows it. While unsettled, `outcome` says what the sink has done so far (undefined: nobody could
 * be asked); once settled, the counts that were written then are never derived again.
 */
export function viewOf(
  job: JobFacts,
  segments: readonly Segment[],
  outcome: Outcome | undefined,
  drainRate: number,
): JobView {
  const settled = job.settledAtMs !== null;
  const counts = countsOf(job, settled ? undefined : outcome);
  const estimate = drainRate > 0 ? Math.round((counts.pending / drainRate) * 10) / 10 : null;
  return {
    id: job.id,
    kind: job.kind,
    stream: job.stream,
    state: job.state,
    source: { name: job.sourceName, bytes: job.sourceBytes, sha256: job.sourceSha256 },
    counts,
    rejectedByCode:
      settled || !outcome ? { ...job.rejectedByCode } : mergeCodes(job.rejectedByCode, outcome.rejectedByCode),
    segments,
    warnings: job.warnings,
    createdAt: new Date(job.createdAtMs).toISOString(),
    publishedAt: isoOrNull(job.publishedAtMs),
    settledAt: isoOrNull(job.settledAtMs),
    estimatedSeconds: counts.pending === 0 ? 0 : estimate,
    links: {
      self: `/jobs/${job.id}`,
      ...(counts.rejected > 0 && { rejects: `/jobs/${job.id}/rejects.csv` }),
    },
  };
}

function countsOf(job: JobFacts, outcome: Outcome | undefined): JobCounts {
  const { accepted, published, rejectedAtDoor } = job;
  const rejectedInSink = (job.rejectedInSink ?? 0) + (outcome?.rejectedInSink ?? 0);
  const stored = (job.stored ?? 0) + (outcome ? outcome.passed - outcome.rejectedInSink : 0);
  return {
    received: accepted + rejectedAtDoor,
    accepted,
    published,
    stored,
    pending: accepted - stored - rejectedInSink,
    rejected: rejectedAtDoor + rejectedInSink,
    rejectedAtDoor,
    rejectedInSink,
  };
}

export function mergeCodes(
  door: Readonly<Record<string, number>>,
  sink: ReadonlyMap<string, number>,
): Record<string, number> {
  const merged: Record<string, number> = { ...door };
  for (const [code, count] of sink) merged[code] = (merged[code] ?? 0) + count;
  return merged;
}

/** 1, or that of the last repair. */
export const lastAttemptOf = (segments: readonly Segment[]): number =>
  segments.reduce((last, { attempt }) => Math.max(last, attempt), 1);

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** A segment as it is shown: without its place in the table. */
export const segmentOf = ({ topic, partition, base, count, firstRow, lastRow, attempt }: Segment): Segment => ({
  topic,
  partition,
  base,
  count,
  firstRow,
  lastRow,
  attempt,
});
