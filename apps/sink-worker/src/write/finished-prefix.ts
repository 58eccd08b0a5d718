import type { BatchOutcome } from '@orderstream/kafka';
import type { WriteOutcome } from './write-outcome.js';

/** What became of one record in the end: stored, its letter acknowledged, or not done yet. */
export type RecordOutcome =
  Extract<WriteOutcome, { kind: 'stored' | 'waiting' | 'unknown' }> | { readonly kind: 'rejected' };

/**
 * The contiguous prefix of records that are done, and why it ends where it ends. Only this prefix may be committed:
 * records behind the first unfinished one are delivered again, and writing them again changes nothing.
 */
export function finishedPrefix(outcomes: readonly RecordOutcome[]): BatchOutcome {
  const finished = outcomes.findIndex((outcome) => outcome.kind === 'waiting' || outcome.kind === 'unknown');
  if (finished === -1) return { finished: outcomes.length, verdict: 'ok' };
  const first = outcomes[finished]!;
  if (first.kind === 'unknown') return { finished, verdict: 'unknown', error: first.error };
  return { finished, verdict: 'wait', reason: first.kind === 'waiting' ? first.reason : first.kind };
}
