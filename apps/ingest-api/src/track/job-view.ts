import type { StoredJob } from '@orderstream/cassandra';
import type { JobCounts, JobState, JobView, Segment } from '@orderstream/contracts';
import type { JobFacts } from './job-facts.js';
import type { Outcome } from './outcomes.js';

/**
 * The job as the API shows it. While unsettled, `outcome` says what the sink has done so far (undefined: nobody could
 * be asked); once settled, the counts that were written then are never derived again.
 */
export function viewOf(job: JobFacts, segments: readonly Segment[], outcome: Outcome | undefined): JobView {
  const settled = job.settledAtMs !== null;
  const counts = countsOf(job, settled ? undefined : outcome);
  const estimate = outcome ? Math.max(0.1, Math.round(outcome.secondsLeft * 10) / 10) : null;
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
    failure: job.failure,
    createdAt: new Date(job.createdAtMs).toISOString(),
    publishedAt: isoOrNull(job.publishedAtMs),
    settledAt: isoOrNull(job.settledAtMs),
    estimatedSeconds: counts.pending === 0 ? 0 : estimate,
    links: {
      self: `/jobs/${job.id}`,
      ...(counts.rejected > 0 && job.kind !== 'redrive' && { rejects: `/jobs/${job.id}/rejects.csv` }),
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

/** The job with the counts that are written down once every published row was passed. */
export const settledBy = (job: StoredJob, was: JobState, outcome: Outcome): StoredJob => ({
  ...job,
  state: was === 'published' ? 'stored' : was,
  stored: (job.stored ?? 0) + outcome.passed - outcome.rejectedInSink,
  rejectedInSink: (job.rejectedInSink ?? 0) + outcome.rejectedInSink,
  rejectedByCode: mergeCodes(job.rejectedByCode, outcome.rejectedByCode),
  settledAtMs: Date.now(),
});

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
