import type { Consistency } from '../session/cassandra-options.js';
import type { BoundValue } from '../values/encode.js';

/** One write, ready to be batched. */
export interface Statement {
  readonly query: string;
  readonly params: readonly BoundValue[];
  /** What Cassandra counts against `batch_size_warn_threshold`, bytes; the same number it would name in its warning. */
  readonly sizeBytes: number;
  /** instead of that of the session */
  readonly consistency?: Consistency | undefined;
  /** equal for equal partitions of one table */
  readonly partitionKeyId: string;
  /** the partition key as the ring hashes it */
  readonly partitionKey: Uint8Array;
}

/** Of a row: its liveness and deletion. Of a cell: write time, TTL, deletion time. Read off Cassandra 5.0's warnings. */
export const ROW_OVERHEAD_BYTES = 50;
export const CELL_OVERHEAD_BYTES = 20;

/** Size of a write whose cells are all regular columns: an honest upper bound where some are key columns. */
export function estimateSize(params: readonly BoundValue[]): number {
  let size = ROW_OVERHEAD_BYTES;
  for (const value of params) if (value !== undefined) size += CELL_OVERHEAD_BYTES + (value?.length ?? 0);
  return size;
}

/** One column: its bytes. Several: each with its length before and a zero after, as the partitioner wants it. */
export function composePartitionKey(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const key = Buffer.alloc(parts.reduce((sum, part) => sum + part.length + 3, 0));
  let at = 0;
  for (const part of parts) {
    at = key.writeUInt16BE(part.length & 0xffff, at);
    key.set(part, at);
    at += part.length + 1;
  }
  return key;
}
