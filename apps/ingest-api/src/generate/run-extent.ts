import { partitionOf } from '@orderstream/kafka';
import type { CompiledStream, RowGenerator } from '@orderstream/streams';

/**
 * The records of a run that Kafka is known to have acknowledged. Whether any other record went out nobody noted: it may be
 * in the table or not.
 */
export interface RunExtent {
  /** every acknowledged record has an index below this */
  readonly span: number;
  /** nobody noted how far the run came: records that it does not have may lie in the table */
  readonly isCutOff: boolean;
  has(index: number): boolean;
}

/** The records 0 to `count` − 1: a run that came to its end published all that it made. */
export const wholeRun = (count: number): RunExtent => ({
  span: count,
  isCutOff: false,
  has: (index) => index >= 0 && index < count,
});

/**
 * Of a run that was cut off: in each partition, its records up to the last acknowledged one. All records of an order have
 * one key, so those that are left out of an order are its newest.
 */
export function acknowledgedPart(
  stream: CompiledStream,
  generator: RowGenerator,
  partitions: number,
  throughByPartition: ReadonlyMap<number, number>,
): RunExtent {
  const span = Math.max(-1, ...throughByPartition.values()) + 1;
  const has = (index: number): boolean =>
    index >= 0 &&
    index < span &&
    index <= (throughByPartition.get(partitionOf(stream.keyOf(generator.row(index)), partitions)) ?? -1);
  return { span, isCutOff: true, has };
}
