import type { Segment } from '@orderstream/contracts';
import type { Committed } from './committed-offsets.js';

/** Offsets of one partition, without the end; sorted by their base, none of two overlap. */
interface Partition {
  readonly topic: string;
  readonly partition: number;
  readonly bases: readonly bigint[];
  readonly ends: readonly bigint[];
}

/** What is left of a job in one partition. */
export interface Remainder {
  readonly topic: string;
  readonly partition: number;
  /** records up to the job's last one there, those of others included, that the group has still to pass */
  readonly records: number;
}

/** The segments of a job by partition and offset, so that thousands of letters find theirs quickly. */
export class SegmentIndex {
  private readonly partitions = new Map<string, Partition>();
  /** records in all segments */
  readonly count: number;

  constructor(segments: readonly Segment[]) {
    this.count = segments.reduce((sum, { count }) => sum + count, 0);
    for (const [name, own] of groupsOf(segments)) {
      const spans = own.map(({ base, count }) => [BigInt(base), BigInt(base) + BigInt(count)] as const);
      spans.sort(([a], [b]) => (a < b ? -1 : 1));
      const { topic, partition } = own[0]!;
      const [bases, ends] = [spans.map(([base]) => base), spans.map(([, end]) => end)];
      this.partitions.set(name, { topic, partition, bases, ends });
    }
  }

  /** Number of the segments' records that lie below the committed offsets of their partitions. */
  passed(committed: Committed): number {
    let passed = 0n;
    for (const { topic, partition, bases, ends } of this.partitions.values()) {
      const next = committed.get(topic)?.get(partition) ?? 0n;
      for (let i = 0; i < bases.length && bases[i]! < next; i++) {
        passed += (ends[i]! < next ? ends[i]! : next) - bases[i]!;
      }
    }
    return Number(passed);
  }

  has(topic: string, partition: number, offset: bigint): boolean {
    const found = this.partitions.get(nameOf(topic, partition));
    if (!found) return false;
    const last = lastAtOrBelow(found.bases, offset);
    return last >= 0 && offset < found.ends[last]!;
  }

  /** The partitions in which records of the job are still to be passed. */
  remainders(committed: Committed): Remainder[] {
    const remainders: Remainder[] = [];
    for (const { topic, partition, ends } of this.partitions.values()) {
      const records = Number(ends.at(-1)! - (committed.get(topic)?.get(partition) ?? 0n));
      if (records > 0) remainders.push({ topic, partition, records });
    }
    return remainders;
  }
}

function groupsOf(segments: readonly Segment[]): Map<string, Segment[]> {
  const groups = new Map<string, Segment[]>();
  for (const segment of segments) {
    const name = nameOf(segment.topic, segment.partition);
    const group = groups.get(name);
    if (group) group.push(segment);
    else groups.set(name, [segment]);
  }
  return groups;
}

/** Place of the greatest base that is not above the offset; -1 when all are. */
function lastAtOrBelow(bases: readonly bigint[], offset: bigint): number {
  let [low, high] = [0, bases.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (bases[middle]! <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const nameOf = (topic: string, partition: number): string => `${topic}/${partition}`;
