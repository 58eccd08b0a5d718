import type { RowWriteTimes } from '@orderstream/cassandra';
import type { OffsetWindow } from '@orderstream/kafka';
import type { Write } from '@orderstream/streams';
import type { Fault } from './findings.js';
import type { RecordPlace } from './key-fold.js';
import { placeId } from './keyed-writes.js';
import type { Suspect } from './suspect.js';

/** A row that is wrong, and how. */
export interface WrongRow {
  readonly suspect: Suspect;
  readonly fault: Fault;
  /** the row as it was read last */
  readonly found: RowWriteTimes | undefined;
}

/** Rows whose records are in memory together. */
const MAX_BATCH_ROWS = 5_000;
const MAX_BATCH_BYTES = 16 * 1024 * 1024;

/** A record that makes part of a row. */
export interface Written {
  readonly write: Write;
  readonly by: RecordPlace;
}

/** Wrong rows that are mended together, and the records that make them. */
export class MendBatch {
  private readonly rowsByPlace = new Map<string, WrongRow>();
  private readonly writtenByRow = new Map<WrongRow, Written[]>();
  private bytes = 0;

  get rows(): Iterable<WrongRow> {
    return this.writtenByRow.keys();
  }

  get size(): number {
    return this.writtenByRow.size;
  }

  hasRoomFor(row: WrongRow): boolean {
    return this.size === 0 || (this.size < MAX_BATCH_ROWS && this.bytes + bytesOf(row) <= MAX_BATCH_BYTES);
  }

  add(row: WrongRow): void {
    this.writtenByRow.set(row, []);
    this.bytes += bytesOf(row);
    for (const { partition, offset } of row.suspect.fold.writers) this.rowsByPlace.set(placeId(partition, offset), row);
  }

  /** From the first to the last record that is needed, by partition. */
  get windows(): Map<number, OffsetWindow> {
    const windows = new Map<number, OffsetWindow>();
    for (const { suspect } of this.rows) {
      for (const { partition, offset } of suspect.fold.writers) {
        const at = BigInt(offset);
        const { from, end } = windows.get(partition) ?? { from: at, end: at };
        windows.set(partition, { from: at < from ? at : from, end: at >= end ? at + 1n : end });
      }
    }
    return windows;
  }

  needs(partition: number, offset: string): boolean {
    return this.rowsByPlace.has(placeId(partition, offset));
  }

  take(written: Written): void {
    const row = this.rowsByPlace.get(placeId(written.by.partition, written.by.offset));
    if (row) this.writtenByRow.get(row)!.push(written);
  }

  writtenOf(row: WrongRow): readonly Written[] {
    return this.writtenByRow.get(row) ?? [];
  }
}

/** In the order of the log, so that the records of one batch lie close together. */
export function* mendBatches(rows: readonly WrongRow[]): Generator<MendBatch, void, void> {
  let batch = new MendBatch();
  for (const row of rows.toSorted(byPlace)) {
    if (!batch.hasRoomFor(row)) {
      yield batch;
      batch = new MendBatch();
    }
    batch.add(row);
  }
  if (batch.size > 0) yield batch;
}

const bytesOf = ({ suspect }: WrongRow): number => suspect.fold.writers.reduce((sum, { bytes }) => sum + bytes, 0);

function byPlace(one: WrongRow, other: WrongRow): number {
  const [a, b] = [one.suspect.fold.decider!, other.suspect.fold.decider!];
  return a.partition - b.partition || Number(BigInt(a.offset) - BigInt(b.offset));
}
