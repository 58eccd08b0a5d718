import fc from 'fast-check';
import type { Write } from '@orderstream/streams';
import { KeyFold, type RecordPlace } from './key-fold.js';

/** A row of [key, a, b]; the cells are a and b. */
const CELLS = [1, 2];
const LINEAGE = 2;

const place = (writeTime: number, offset = String(writeTime)): RecordPlace => ({
  writeTime,
  partition: 0,
  offset,
  bytes: 10,
});
const origin = (writeTimeMicros: number) => ({ writeTimeMicros, jobId: undefined, jobRow: undefined });
const upsert = (writeTime: number, a: string | null | undefined, b?: string | null): Write => ({
  kind: 'upsert',
  row: ['k', a, b],
  origin: origin(writeTime),
});
const deletion = (writeTime: number): Write => ({ kind: 'delete', key: ['k'], origin: origin(writeTime) });

function foldOf(...writes: Write[]): KeyFold {
  const fold = new KeyFold(['k'], CELLS);
  for (const write of writes) fold.take(write, place(write.origin.writeTimeMicros));
  return fold;
}
const timesOf = (fold: KeyFold) => [0, 1, LINEAGE].map((c) => fold.expected(c));

describe('KeyFold', () => {
  it('takes each cell from the newest record that sets it, the lineage from the newest of all', () => {
    expect(timesOf(foldOf(upsert(1, 'a', 'b'), upsert(2, undefined, 'c')))).toEqual([1, 2, 2]);
  });

  it('has no value where the newest one was cleared', () => {
    const fold = foldOf(upsert(1, 'a', 'b'), upsert(2, null, 'c'));
    expect(timesOf(fold)).toEqual([undefined, 2, 2]);
    expect([fold.emptyUpTo(0), fold.emptyUpTo(1)]).toEqual([2, undefined]);
  });

  it('leaves nothing at or below a deletion, and what is newer stays', () => {
    const gone = foldOf(upsert(1, 'a', 'b'), deletion(1));
    expect(gone.isPresent).toBe(false);
    expect(gone.decider).toMatchObject({ writeTime: 1 });
    const again = foldOf(upsert(1, 'a', 'b'), deletion(2), upsert(3, 'c', undefined));
    expect(timesOf(again)).toEqual([3, undefined, 3]);
    expect(again.writers.map(({ writeTime }) => writeTime).sort()).toEqual([2, 3]);
  });

  it('names the records that make the row, each once', () => {
    const fold = foldOf(upsert(1, 'a', 'b'), upsert(2, undefined, 'c'), upsert(0, 'old', 'old'));
    expect(fold.writers.map(({ writeTime }) => writeTime).sort()).toEqual([1, 2]);
    expect([fold.writerOf(0)?.writeTime, fold.writerOf(1)?.writeTime]).toEqual([1, 2]);
  });

  it('names every record of a write time that decides, for only their values tell which of them does', () => {
    const both = [upsert(5, 'a', 'b'), upsert(5, 'c', undefined)].map((write, n) => ({
      write,
      by: place(5, String(n)),
    }));
    for (const writes of [both, both.toReversed()]) {
      const fold = new KeyFold(['k'], CELLS);
      for (const { write, by } of writes) fold.take(write, by);
      expect(fold.writers.map(({ offset }) => offset).sort()).toEqual(['0', '1']);
      fold.take(upsert(6, 'd', 'e'), place(6));
      expect(fold.writers.map(({ offset }) => offset)).toEqual(['6']);
    }
  });

  it('keeps a bounded number of them: a log may have any number of copies of a record', () => {
    const fold = new KeyFold(['k'], CELLS);
    for (let n = 0; n < 1_000; n++) fold.take(upsert(5, 'a', 'b'), place(5, String(n)));
    expect(fold.writers.length).toBeLessThan(100);
    for (let n = 0; n < 3; n++) fold.take(upsert(6, 'a', 'b'), place(6, `new-${n}`));
    expect(fold.writers.map(({ offset }) => offset).sort()).toEqual(['new-0', 'new-1', 'new-2']);
  });

  it('comes to the same in any order, and with every record taken twice', () => {
    const value = fc.constantFrom('v', null, undefined);
    const write = fc.oneof(
      fc.record({ a: value, b: value }).map(
        ({ a, b }) =>
          (time: number) =>
            upsert(time, a, b),
      ),
      fc.constant(deletion),
    );
    const history = fc.array(write, { minLength: 1, maxLength: 8 }).map((makes) => makes.map((make, i) => make(i + 1)));
    const shuffled = history.chain((writes) =>
      fc.tuple(fc.constant(writes), fc.shuffledSubarray([...writes, ...writes], { minLength: writes.length * 2 })),
    );
    fc.assert(
      fc.property(shuffled, ([writes, delivered]) => {
        const [one, other] = [foldOf(...writes), foldOf(...delivered)];
        expect(timesOf(other)).toEqual(timesOf(one));
        expect(other.decider).toEqual(one.decider);
      }),
    );
  });
});
