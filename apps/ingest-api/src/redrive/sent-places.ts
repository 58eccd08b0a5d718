import type { Segment } from '@orderstream/contracts';

/** Where the record of a row was acknowledged. */
export interface SentPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly row: number;
}

/** As few segments as there can be: adjoining offsets of a partition whose rows ascend. */
export function segmentsOf(places: readonly SentPlace[], attempt: number): Segment[] {
  const segments: Segment[] = [];
  let end: SentPlace | undefined;
  for (const place of [...places].sort(byPlace)) {
    const { topic, partition, offset, row } = place;
    const last = segments.at(-1);
    const goesOn =
      end?.topic === topic && end.partition === partition && end.offset + 1n === offset && last!.lastRow < row;
    if (goesOn) segments[segments.length - 1] = { ...last!, count: last!.count + 1, lastRow: row };
    else segments.push({ topic, partition, base: String(offset), count: 1, firstRow: row, lastRow: row, attempt });
    end = place;
  }
  return segments;
}

const byPlace = (a: SentPlace, b: SentPlace): number =>
  a.topic.localeCompare(b.topic) || a.partition - b.partition || (a.offset < b.offset ? -1 : 1);
