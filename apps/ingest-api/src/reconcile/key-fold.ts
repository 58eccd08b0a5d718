import type { Value, Write } from '@orderstream/streams';

/** A record that wrote something of a row. */
export interface RecordPlace {
  /** µs */
  readonly writeTime: number;
  readonly partition: number;
  readonly offset: string;
  /** of key and value */
  readonly bytes: number;
}

/** What one cell was given last. */
interface CellWrite {
  readonly by: RecordPlace;
  /** null was written: the cell has no value */
  readonly clears: boolean;
}

/** What a table must hold of one cell: its write time in µs, or nothing. */
export type ExpectedCell = number | undefined;

/**
 * The row of one key that any number of its records lead to, taken in any order: by cell the greatest write time, and
 * nothing at or below that of the newest deletion, as Cassandra has it. Holds no values.
 */
export class KeyFold {
  private readonly cells: (CellWrite | undefined)[] = [];
  private newestUpsert: RecordPlace | undefined;
  private newestDelete: RecordPlace | undefined;
  /** further records with a write time that has decided something: which of them did, only their values tell */
  private tied: RecordPlace[] = [];

  /** `columns`: where in a row each cell is that is not part of the primary key; the lineage comes after them */
  constructor(
    readonly key: readonly Value[],
    private readonly columns: readonly number[],
  ) {}

  take(write: Write, by: RecordPlace): void {
    if (write.kind === 'delete') {
      if (isNewer(by, this.newestDelete)) this.newestDelete = by;
      return;
    }
    let isTied = isTie(by, this.newestUpsert);
    if (isNewer(by, this.newestUpsert)) this.newestUpsert = by;
    const sets: CellWrite = { by, clears: false };
    for (let c = 0; c < this.columns.length; c++) {
      const value = write.row[this.columns[c]!];
      if (value === undefined) continue;
      isTied ||= isTie(by, this.cells[c]?.by);
      if (value === null) this.clear(c, by);
      else if (isNewer(by, this.cells[c]?.by)) this.cells[c] = sets;
    }
    if (isTied) this.tie(by);
  }

  /** must there be a row? */
  get isPresent(): boolean {
    return this.newestUpsert !== undefined && this.isAlive(this.newestUpsert);
  }

  /** The record that decides: the newest one, or the deletion where there must be no row. Undefined: no record at all. */
  get decider(): RecordPlace | undefined {
    return this.isPresent ? this.newestUpsert : (this.newestDelete ?? this.newestUpsert);
  }

  /** Of cell c of `cellsOf`: those after the columns are the lineage, which every record writes. */
  expected(c: number): ExpectedCell {
    if (!this.isPresent) return undefined;
    if (c >= this.columns.length) return this.newestUpsert!.writeTime;
    const cell = this.cells[c];
    return cell === undefined || cell.clears || !this.isAlive(cell.by) ? undefined : cell.by.writeTime;
  }

  /** A value of cell c at or below this write time is one that was deleted or cleared; undefined: none is. */
  emptyUpTo(c: number): number | undefined {
    const cell = this.cells[c];
    return cell?.clears && this.isAlive(cell.by) ? cell.by.writeTime : this.newestDelete?.writeTime;
  }

  /** The record whose value cell c must have. */
  writerOf(c: number): RecordPlace | undefined {
    return this.expected(c) === undefined ? undefined : (this.cells[c]?.by ?? this.newestUpsert);
  }

  /** The records that make the row when each is written with its own write time, in any order. */
  get writers(): RecordPlace[] {
    const winners = this.winners();
    const times = new Set(winners.map(({ writeTime }) => writeTime));
    const all = [...winners, ...this.tied.filter(({ writeTime }) => times.has(writeTime))];
    const alive = all.filter((by) => by === this.newestDelete || this.isAlive(by));
    return [...new Set(alive)];
  }

  private clear(c: number, by: RecordPlace): void {
    const before = this.cells[c]?.by;
    if (!isNotOlder(by, before)) return;
    this.cells[c] = { by, clears: true };
    if (isTie(by, before)) this.tie(before!);
  }

  private winners(): RecordPlace[] {
    const all = [this.newestUpsert, this.newestDelete, ...this.cells.map((cell) => cell?.by)];
    return all.filter((by) => by !== undefined);
  }

  private tie(by: RecordPlace): void {
    if (this.tied.length >= MAX_TIED) {
      const times = new Set(this.winners().map(({ writeTime }) => writeTime));
      this.tied = this.tied.filter(({ writeTime }) => times.has(writeTime));
    }
    if (this.tied.length < MAX_TIED) this.tied.push(by);
  }

  private isAlive({ writeTime }: RecordPlace): boolean {
    return this.newestDelete === undefined || writeTime > this.newestDelete.writeTime;
  }
}

/** Copies of one record are such ties too, and a log may have any number of them. */
const MAX_TIED = 64;

const isTie = (one: RecordPlace, other: RecordPlace | undefined): boolean =>
  other !== undefined && other !== one && one.writeTime === other.writeTime;

const isNewer = (one: RecordPlace, other: RecordPlace | undefined): boolean =>
  other === undefined || one.writeTime > other.writeTime;

const isNotOlder = (one: RecordPlace, other: RecordPlace | undefined): boolean =>
  other === undefined || one.writeTime >= other.writeTime;
