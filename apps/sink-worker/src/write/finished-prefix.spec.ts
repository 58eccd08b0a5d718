import fc from 'fast-check';
import { finishedPrefix, type RecordOutcome } from './finished-prefix.js';

const outcome = fc.constantFrom<RecordOutcome>(
  { kind: 'stored' },
  { kind: 'rejected' },
  { kind: 'waiting', reason: 'writeTimeout' },
  { kind: 'unknown', error: new Error('?') },
);

describe('finishedPrefix', () => {
  it('never finishes a record that is neither stored nor rejected, nor one behind it', () => {
    fc.assert(
      fc.property(fc.array(outcome), (outcomes) => {
        const { finished } = finishedPrefix(outcomes);
        expect(outcomes.slice(0, finished).every((o) => o.kind === 'stored' || o.kind === 'rejected')).toBe(true);
        const next = outcomes[finished];
        expect(next === undefined || next.kind === 'waiting' || next.kind === 'unknown').toBe(true);
      }),
    );
  });

  it('says why it ends: a wait does not count as an unknown error', () => {
    const waiting: RecordOutcome = { kind: 'waiting', reason: 'unavailable' };
    expect(finishedPrefix([{ kind: 'stored' }, waiting])).toEqual({
      finished: 1,
      verdict: 'wait',
      reason: 'unavailable',
    });
    const error = new Error('odd');
    expect(finishedPrefix([{ kind: 'unknown', error }, waiting])).toEqual({ finished: 0, verdict: 'unknown', error });
    expect(finishedPrefix([])).toEqual({ finished: 0, verdict: 'ok' });
  });
});
