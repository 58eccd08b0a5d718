import type { Segment } from '@orderstream/contracts';
import type { KafkaRecord, PartitionEnds, ReadOn } from '@orderstream/kafka';
import { SegmentSearch, type WantedRow } from './segment-search.js';

export interface FoundRow {
  readonly segment: Segment;
  readonly record: KafkaRecord;
}

/**
 * Looks for one row in every segment that spans it, partition by partition: rows of a job are spread over the partitions,
 * so several segments may span a row that one of them has. Of several attempts the newest answers.
 */
export class RowSearch {
  /** by partition, the searches still to be made, newest attempt first */
  private readonly leftByPartition = new Map<number, SegmentSearch[]>();
  private best: FoundRow | undefined;
  private sawExpired = false;

  constructor(segments: readonly Segment[], wanted: WantedRow, endByPartition: ReadonlyMap<number, PartitionEnds>) {
    const spanning = segments.filter(({ firstRow, lastRow }) => firstRow <= wanted.row && wanted.row <= lastRow);
    for (const segment of [...spanning].sort((a, b) => b.attempt - a.attempt)) {
      const { partition } = segment;
      const search = new SegmentSearch(segment, wanted, endByPartition.get(partition)?.low ?? 0n);
      if (search.isExpired) this.sawExpired = true;
      if (search.next === undefined) continue;
      this.leftByPartition.set(partition, [...(this.leftByPartition.get(partition) ?? []), search]);
    }
  }

  get found(): FoundRow | undefined {
    return this.best;
  }

  /** The row was not found, and may have lain where retention has deleted. */
  get isExpired(): boolean {
    return this.best === undefined && this.sawExpired;
  }

  get starts(): Map<number, bigint> {
    return new Map([...this.leftByPartition].map(([partition, [search]]) => [partition, search!.next!]));
  }

  /** Takes what was read of a partition; answers where to read on. */
  take(partition: number, records: readonly KafkaRecord[]): ReadOn {
    const search = this.leftByPartition.get(partition)?.[0];
    if (search) {
      search.take(records);
      if (search.next !== undefined) return search.next;
      this.close(search);
    }
    return this.nextOf(partition);
  }

  private close({ segment, found, isExpired }: SegmentSearch): void {
    this.leftByPartition.get(segment.partition)?.shift();
    if (isExpired) this.sawExpired = true;
    if (!found || (this.best && this.best.segment.attempt >= segment.attempt)) return;
    this.best = { segment, record: found };
    for (const [partition, left] of this.leftByPartition) {
      const newer = left.filter((search) => search.segment.attempt > segment.attempt);
      this.leftByPartition.set(partition, newer);
    }
  }

  private nextOf(partition: number): ReadOn {
    const next = this.leftByPartition.get(partition)?.[0]?.next;
    if (next !== undefined) return next;
    return [...this.leftByPartition.values()].some((left) => left.length > 0) ? 'partition-done' : 'done';
  }
}
