import { LedgerError } from './ledger.js';

/** What a group had committed of one partition when it was asked: the next record it would read; null: nothing yet. */
export type CommittedSample = bigint | null | undefined;

/**
 * While a record is not finished, its group has not committed beyond it: after a crash it would never come again.
 * `firstUnfinished` is its offset, and so the most that may be committed. Throws LedgerError, also when there are no
 * samples: whoever did not look has not seen that it holds.
 */
export function noOffsetBeyondFailure(samples: readonly CommittedSample[], firstUnfinished: bigint): void {
  if (samples.length === 0) throw new LedgerError('noOffsetBeyondFailure', 'nobody looked at what was committed');
  const beyond = samples.flatMap((sample) => (sample != null && sample > firstUnfinished ? [sample] : []));
  const [first] = beyond;
  if (first === undefined) return;
  throw new LedgerError(
    'noOffsetBeyondFailure',
    `record ${firstUnfinished} was not finished, and ${first} was committed (${beyond.length} of ${samples.length} samples)`,
  );
}
