import { ProblemError } from '@orderstream/contracts';
import type { ReconcileQuery } from '@orderstream/contracts/dto';
import type { OffsetWindow, PartitionEnds } from '@orderstream/kafka';

export type Windows = ReadonlyMap<number, OffsetWindow>;

/** Where a topic stands. */
export interface LogState {
  readonly endsByPartition: ReadonlyMap<number, PartitionEnds>;
  /** the next record that the sink will read; null: it has read none */
  readonly committedByPartition: ReadonlyMap<number, bigint | null>;
}

/** Kafka, as far as windows need it. */
export interface LogTimes {
  fetchOffsetsAt(topic: string, timeMs: number): Promise<ReadonlyMap<number, bigint>>;
}

/** Throws `bad_parameter` for parameters that contradict each other. */
export function checkWindow({ from, to, partition, fromOffset, toOffset, repair, overrule }: ReconcileQuery): void {
  const hasTimes = from !== undefined || to !== undefined;
  const hasOffsets = fromOffset !== undefined || toOffset !== undefined;
  if (partition === undefined && hasOffsets)
    throw bad('fromOffset and toOffset need partition=, whose offsets they are');
  if (partition !== undefined && hasTimes) throw bad('give from and to, or partition with its offsets, not both');
  if (from !== undefined && to !== undefined && Date.parse(from) >= Date.parse(to)) throw bad('from is not before to');
  if (fromOffset !== undefined && toOffset !== undefined && BigInt(fromOffset) >= BigInt(toOffset)) {
    throw bad('fromOffset is not below toOffset');
  }
  if (overrule === 'true' && repair !== 'true') {
    throw bad('overrule=true needs repair=true: only what a repair leaves wrong is overruled');
  }
}

/** The offsets to judge: what was asked for, as far as the topic has it and the sink has passed it. Rejects as Kafka does. */
export async function windowsOf(
  query: ReconcileQuery,
  topic: string,
  { endsByPartition, committedByPartition }: LogState,
  times: LogTimes,
): Promise<Windows> {
  const { from, to, partition, fromOffset, toOffset } = query;
  if (partition !== undefined && !endsByPartition.has(partition)) {
    throw bad(`topic ${topic} has no partition ${partition}; it has ${endsByPartition.size}, from 0`);
  }
  const offsetsAt = async (time: string | undefined) =>
    time === undefined ? undefined : times.fetchOffsetsAt(topic, Date.parse(time));
  const [fromAt, toAt] = [await offsetsAt(from), await offsetsAt(to)];
  const windows = new Map<number, OffsetWindow>();
  for (const [p, { low, high }] of endsByPartition) {
    if (partition !== undefined && p !== partition) continue;
    const wantedFrom = fromOffset === undefined ? (fromAt?.get(p) ?? low) : BigInt(fromOffset);
    const wantedEnd = toOffset === undefined ? (toAt?.get(p) ?? high) : BigInt(toOffset);
    const start = max(low, wantedFrom);
    const end = min(wantedEnd, min(high, committedByPartition.get(p) ?? low));
    windows.set(p, { from: start, end: max(start, end) });
  }
  return windows;
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const bad = (detail: string): ProblemError => new ProblemError('bad_parameter', detail);
