import type { RowWriteTimes } from '@orderstream/cassandra';
import type { Write } from '@orderstream/streams';
import { KeyFold } from './key-fold.js';
import { isAsFolded, verdictOf, type KnownTimes } from './row-verdict.js';

/** Rows of [key, a, b] with one cell of lineage. */
function foldOf(...writes: Write[]): KeyFold {
  const fold = new KeyFold(['k'], [1, 2]);
  for (const write of writes) {
    const writeTime = write.origin.writeTimeMicros;
    fold.take(write, { writeTime, partition: 0, offset: String(writeTime), bytes: 10 });
  }
  return fold;
}
const origin = (writeTimeMicros: number) => ({ writeTimeMicros, jobId: undefined, jobRow: undefined });
const upsert = (time: number, ...cells: (string | null | undefined)[]): Write => ({
  kind: 'upsert',
  row: ['k', ...cells],
  origin: origin(time),
});
const deletion = (time: number): Write => ({ kind: 'delete', key: ['k'], origin: origin(time) });

const row = (...cells: (number | undefined)[]): RowWriteTimes => ({
  cells: cells.map((time) => (time === undefined ? undefined : BigInt(time))),
  place: { partition: 0, offset: '7' },
});
const known = (carried: number[], more: Partial<KnownTimes> = {}): KnownTimes => ({
  isCarried: (time) => carried.includes(time),
  isExpired: () => false,
  isWhole: true,
  ...more,
});

const TEN = foldOf(upsert(10, 'a', 'b'));
const GONE = foldOf(upsert(10, 'a', 'b'), deletion(20));

describe('isAsFolded', () => {
  it('is true for exactly the write times of the fold', () => {
    expect(isAsFolded(TEN, row(10, 10, 10))).toBe(true);
    expect(isAsFolded(GONE, undefined)).toBe(true);
    for (const other of [row(10, 11, 10), row(10, undefined, 10), undefined])
      expect(isAsFolded(TEN, other)).toBe(false);
    expect(isAsFolded(GONE, row(10, 10, 10))).toBe(false);
  });
});

describe('verdictOf', () => {
  it.each([
    ['right', TEN, row(10, 10, 10), [10]],
    ['right by an older record before the window', foldOf(upsert(10, 'a')), row(10, 5, 10), [10, 5]],
    ['right when it is absent and was deleted', GONE, undefined, []],
  ] as const)('%s', (_, fold, found, carried) => {
    expect(verdictOf(fold, found, known([...carried])).kind).toBe('right');
  });

  it.each([
    ['no row', TEN, undefined, [], 'missing', undefined],
    ['a row without a cell', TEN, row(undefined, undefined, undefined), [], 'missing', undefined],
    ['an older record', TEN, row(5, 5, 5), [5], 'stale', 0],
    ['older times of no record', TEN, row(4, 4, 4), [], 'stale', 0],
    ['a column that was emptied', TEN, row(10, undefined, 10), [10], 'stale', 1],
    [
      'a value the log has cleared',
      foldOf(upsert(1, 'a'), upsert(10, null)),
      row(1, undefined, 10),
      [1, 10],
      'stale',
      0,
    ],
    ['a deleted row', GONE, row(10, 10, 10), [10], 'stale', 0],
    ['a whole row by hand', TEN, row(99, 99, 99), [], 'foreign', 0],
    ['one column by hand', TEN, row(10, 99, 10), [10], 'foreign', 1],
    ['one column by hand, older than its row', foldOf(upsert(10, 'a')), row(10, 4, 10), [10], 'foreign', 1],
    ['a deleted row by hand', GONE, row(99, 99, undefined), [], 'foreign', 0],
    ['a bare key by hand', GONE, row(undefined, undefined, undefined), [], 'foreign', undefined],
  ] as const)('%s is wrong', (_, fold, found, carried, kind, cell) => {
    expect(verdictOf(fold, found, known([...carried]))).toMatchObject({ kind, cell });
  });

  it('leaves alone what a record past the retention may have written', () => {
    const cut = { isWhole: false, isExpired: () => true };
    expect(verdictOf(TEN, row(15, 15, 15), known([], cut)).kind).toBe('expired');
    expect(verdictOf(foldOf(upsert(10, 'a')), row(10, 4, 10), known([10], cut)).kind).toBe('expired');
    // newer than the row's own lineage, which every record writes: that was no record
    expect(verdictOf(TEN, row(10, 99, 10), known([10], cut)).kind).toBe('foreign');
  });
});
