import { jobOf, rowOf, type Segment } from '@orderstream/contracts';
import type { KafkaRecord } from '@orderstream/kafka';

/** So many records or fewer are read one after the other. */
const SCAN_RECORDS = 500n;

/** What is looked for: one row of one job. */
export interface WantedRow {
  readonly job: string;
  readonly row: number;
}

/**
 * Looks for one row in one segment. Rows of a segment ascend with their offsets, so the first look goes where the row
 * would be if rows were spread evenly, and every further one halves what is left: of a segment of n records, no more than
 * log2(n ÷ 500) + 2 pieces of a fetch's size are read, whatever lies between.
 */
export class SegmentSearch {
  /** true once the row is known to lie, if anywhere in this segment, before the oldest record that is left */
  isExpired = false;
  found: KafkaRecord | undefined;
  private from: bigint;
  private end: bigint;
  /** offset of the next look; undefined when there is nothing more to look at */
  next: bigint | undefined;
  /** offset of the oldest record that retention left, where it cut into this segment */
  private cutAt: bigint | undefined;

  constructor(
    readonly segment: Segment,
    private readonly wanted: WantedRow,
    /** low watermark of the partition */
    low: bigint,
  ) {
    const base = BigInt(segment.base);
    this.end = base + BigInt(segment.count);
    this.from = base;
    if (low > base) this.cut(low);
    this.next = this.from < this.end ? this.guess(base) : undefined;
    if (this.next === undefined) this.isExpired = true;
  }

  /** Takes what was read at `next`. */
  take(records: readonly KafkaRecord[]): void {
    const first = BigInt(records[0]?.offset ?? this.end);
    if (this.next !== undefined && first > this.next) this.cut(first); // retention went on meanwhile
    const mine = records.filter((record) => this.isMine(record));
    this.narrow(mine);
    this.next = this.found === undefined && this.from < this.end ? this.middle() : undefined;
  }

  private narrow(records: readonly KafkaRecord[]): void {
    const [first, last] = [records[0], records.at(-1)];
    if (!first || !last) {
      this.end = this.from;
      if (this.cutAt !== undefined) this.isExpired = true;
    } else if (this.wanted.row < Number(rowOf(first))) {
      this.end = BigInt(first.offset);
      this.isExpired = this.cutAt !== undefined && this.end <= this.cutAt;
    } else if (this.wanted.row > Number(rowOf(last))) {
      this.from = BigInt(last.offset) + 1n;
    } else {
      this.found = records.find((record) => Number(rowOf(record)) === this.wanted.row);
      this.end = this.from;
    }
  }

  private isMine(record: KafkaRecord): boolean {
    return BigInt(record.offset) < this.end && jobOf(record) === this.wanted.job;
  }

  private cut(low: bigint): void {
    this.cutAt = low;
    if (low > this.from) this.from = low;
  }

  private guess(base: bigint): bigint {
    const { firstRow, lastRow, count } = this.segment;
    const share = (this.wanted.row - firstRow) / Math.max(1, lastRow - firstRow);
    const at = base + BigInt(Math.floor(share * (count - 1))) - SCAN_RECORDS / 4n;
    return this.end - this.from <= SCAN_RECORDS || at < this.from ? this.from : at;
  }

  private middle(): bigint {
    const left = this.end - this.from;
    return left <= SCAN_RECORDS ? this.from : this.from + left / 2n;
  }
}
