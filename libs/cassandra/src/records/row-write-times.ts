import type { ResultRow } from '../session/cassandra-session.js';
import { bigintIn, numberIn, textIn } from '../values/result-values.js';

/** When each cell of a stored row was written. */
export interface RowWriteTimes {
  /** µs, in the order of `cellsOf`: columns outside the primary key, then the lineage; undefined where there is no value */
  readonly cells: readonly (bigint | undefined)[];
  /** the place of its last writer, as the row itself says; absent on a row that somebody else made */
  readonly place: { readonly partition: number; readonly offset: string } | undefined;
}

export function writeTimesIn(row: ResultRow, cellCount: number): RowWriteTimes {
  const partition = numberIn(row, 'kafka_partition');
  const offset = textIn(row, 'kafka_offset');
  return {
    cells: Array.from({ length: cellCount }, (_, c) => bigintIn(row, `cell_${c}`)),
    place: partition === undefined || offset === undefined ? undefined : { partition, offset },
  };
}
