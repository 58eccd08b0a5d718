import { LedgerError } from './ledger.js';
import { noOffsetBeyondFailure } from './offset-ledger.js';

describe('noOffsetBeyondFailure', () => {
  it('lets a group commit up to the record that is not finished', () => {
    expect(() => noOffsetBeyondFailure([null, undefined, 0n, 9n, 10n, 10n], 10n)).not.toThrow();
    expect(() => noOffsetBeyondFailure([null], 0n)).not.toThrow();
  });

  it('finds every sample that is beyond it, wherever it lies among the others', () => {
    const samples = [9n, 11n, 10n, 25n];
    expect(() => noOffsetBeyondFailure(samples, 10n)).toThrow(LedgerError);
    expect(() => noOffsetBeyondFailure(samples, 10n)).toThrow(
      'noOffsetBeyondFailure: record 10 was not finished, and 11 was committed (2 of 4 samples)',
    );
    expect(() => noOffsetBeyondFailure([1n], 0n)).toThrow('record 0 was not finished, and 1 was committed');
  });

  it('does not hold for a group that nobody looked at', () => {
    expect(() => noOffsetBeyondFailure([], 10n)).toThrow('nobody looked');
  });
});
