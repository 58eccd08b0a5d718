import fc from 'fast-check';
import type { RowBatch } from '../accept/row-batch.js';
import { RejectLimit } from './reject-limit.js';

const NONE = { received: 0, rejectedAtDoor: 0 };

/** Rows 1, 2, 3 …: true is one that is rejected. */
function batchOf(wrong: readonly boolean[], first = 1): RowBatch {
  const numbers = wrong.map((_, i) => first + i);
  const rowNumbers = numbers.filter((_, i) => !wrong[i]);
  const rejects = numbers.filter((_, i) => wrong[i]).map((row) => ({ row, faults: [], raw: '' }));
  return { stream: undefined as never, rows: rowNumbers.map(() => []), rowNumbers, rejects };
}

/** What the limit says row by row, written down a second time. */
function modelStop(wrong: readonly boolean[], limit: { share?: number; number?: number }): number | undefined {
  let rejected = 0;
  for (const [i, isWrong] of wrong.entries()) {
    if (isWrong) rejected++;
    const received = i + 1;
    if (limit.number !== undefined && rejected > limit.number) return received;
    if (limit.share !== undefined && received >= 1000 && rejected / received > limit.share / 100) return received;
  }
  return undefined;
}

describe('maxRejects', () => {
  it('stops at the same row wherever the batches end, and takes nothing behind it', () => {
    const wrong = fc.array(fc.boolean(), { minLength: 950, maxLength: 1_300 });
    const limit = fc.oneof(fc.record({ number: fc.nat(700) }), fc.record({ share: fc.integer({ min: 35, max: 60 }) }));
    fc.assert(
      fc.property(wrong, limit, fc.integer({ min: 1, max: 400 }), (rows, of, size) => {
        const judged = RejectLimit.of('number' in of ? String(of.number) : `${of.share}%`);
        let taken = { ...NONE };
        let stop: number | undefined;
        for (let at = 0; at < rows.length && stop === undefined; at += size) {
          const cut = judged.cut(batchOf(rows.slice(at, at + size), at + 1), taken);
          stop = cut.stop;
          const { rowNumbers, rejects } = cut.batch;
          expect(cut.batch.rows).toHaveLength(rowNumbers.length);
          taken = {
            received: taken.received + rowNumbers.length + rejects.length,
            rejectedAtDoor: taken.rejectedAtDoor + rejects.length,
          };
        }
        expect(stop).toBe(modelStop(rows, of));
        expect(taken.received).toBe(stop ?? rows.length);
      }),
    );
  });

  it('judges a percentage at the end however few the rows are, and nothing when it was not given', () => {
    expect(() => RejectLimit.of('9.9%').judgeEnd({ received: 10, rejectedAtDoor: 1 }, 11)).toThrow(
      /too_many_rejects.*row 11/,
    );
    expect(() => RejectLimit.of('10%').judgeEnd({ received: 10, rejectedAtDoor: 1 }, 11)).not.toThrow();
    expect(() => RejectLimit.of('0%').judgeEnd(NONE, 0)).not.toThrow();
    const batch = batchOf([true, true]);
    expect(RejectLimit.of(undefined).cut(batch, NONE)).toEqual({ batch });
    expect(() => RejectLimit.of(undefined).judgeEnd({ received: 1, rejectedAtDoor: 1 }, 1)).not.toThrow();
  });
});
