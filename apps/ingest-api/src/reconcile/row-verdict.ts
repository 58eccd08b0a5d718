import type { RowWriteTimes } from '@orderstream/cassandra';
import type { KeyFold } from './key-fold.js';

/** What a row is, held against the log. */
export type Verdict =
  | { readonly kind: 'right' | 'expired' }
  | {
      readonly kind: 'missing' | 'stale' | 'foreign';
      /** index in `cellsOf`; undefined when there is no row */
      readonly cell: number | undefined;
      /** µs; undefined where the cell has no value */
      readonly found: bigint | undefined;
    };

/** What is known of write times that the fold does not have. */
export interface KnownTimes {
  /** does any record of the key in the log have this write time, or was it never seen before? */
  isCarried(writeTime: number): boolean;
  /** may the record at this place be past the retention of the topic? */
  isExpired(place: { readonly partition: number; readonly offset: string }): boolean;
  /** does the topic still have all it ever had? */
  readonly isWhole: boolean;
}

const RIGHT: Verdict = { kind: 'right' };

/** True when every cell has exactly the write time that the fold says; anything else may still be right. */
export function isAsFolded(fold: KeyFold, found: RowWriteTimes | undefined): boolean {
  if (!found) return !fold.isPresent;
  if (!fold.isPresent) return false;
  return found.cells.every((time, c) => (time === undefined ? undefined : Number(time)) === fold.expected(c));
}

/** `fold` is of every record of the key that the sink has passed; it has at least one. */
export function verdictOf(fold: KeyFold, found: RowWriteTimes | undefined, known: KnownTimes): Verdict {
  const cells = found?.cells ?? [];
  if (!found || cells.every((time) => time === undefined)) {
    if (fold.isPresent) return { kind: 'missing', cell: undefined, found: undefined };
    return found ? { kind: 'foreign', cell: undefined, found: undefined } : RIGHT; // a bare key, written by hand
  }
  const newest = fold.decider!.writeTime;
  const above = cells.findIndex((time) => isForeign(time, known) && Number(time) > newest);
  if (above >= 0) {
    const lineage = cells.at(-1);
    const expired = lineage === cells[above] && found.place !== undefined && known.isExpired(found.place);
    return expired ? { kind: 'expired' } : { kind: 'foreign', cell: above, found: cells[above] };
  }
  const stale = cells.findIndex((time, c) => isStale(fold, c, time));
  if (stale >= 0) return { kind: 'stale', cell: stale, found: cells[stale] };
  const below = cells.findIndex((time) => isForeign(time, known));
  if (below < 0) return RIGHT;
  return known.isWhole ? { kind: 'foreign', cell: below, found: cells[below] } : { kind: 'expired' };
}

const isForeign = (time: bigint | undefined, known: KnownTimes): boolean =>
  time !== undefined && !known.isCarried(Number(time));

/** Older than it must be, or still there although it was deleted or cleared. */
function isStale(fold: KeyFold, c: number, time: bigint | undefined): boolean {
  const emptyUpTo = fold.emptyUpTo(c);
  if (time !== undefined && emptyUpTo !== undefined && Number(time) <= emptyUpTo) return true;
  const expected = fold.expected(c);
  return expected !== undefined && (time === undefined || Number(time) < expected);
}
