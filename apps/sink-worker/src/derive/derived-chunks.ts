import { outMessageBytes, partitionOf, type OutMessage } from '@orderstream/kafka';
import type { RefusedByIndex } from '../write/bind-statements.js';
import type { WriteOutcome } from '../write/write-outcome.js';
import type { DerivedByIndex } from './derived-record.js';

/** one send: at most so many records and bytes */
const CHUNK_RECORDS = 500;
const CHUNK_BYTES = 512 * 1024;

/** A batch that has been written, as far as it could be. */
export interface WrittenBatch {
  readonly refused: RefusedByIndex;
  readonly derived: DerivedByIndex;
  readonly written: readonly WriteOutcome[];
}

/** Derived records for one partition, in the order of their records. */
export interface Chunk {
  readonly partition: number;
  readonly indexes: readonly number[];
  readonly messages: readonly OutMessage[];
}

/**
 * The derived records of what is stored, up to the first record that waits for the store: what is behind it is read again,
 * and in a long outage it would be published over and over.
 */
export function dueIn({ refused, derived, written }: WrittenBatch): DerivedByIndex {
  const due: DerivedByIndex = new Map();
  for (let index = 0; index < written.length; index++) {
    const { kind } = written[index]!;
    const message = derived.get(index);
    if (kind === 'stored' && message) due.set(index, message);
    else if ((kind === 'waiting' || kind === 'unknown') && !refused.has(index)) break;
  }
  return due;
}

export function chunksOf(due: DerivedByIndex, partitions: number): Chunk[] {
  const chunks: Chunk[] = [];
  const openByPartition = new Map<number, { indexes: number[]; messages: OutMessage[]; bytes: number }>();
  for (const [index, message] of due) {
    const partition = message.key === null ? 0 : partitionOf(message.key, partitions);
    const bytes = outMessageBytes(message);
    let open = openByPartition.get(partition);
    if (!open || open.indexes.length >= CHUNK_RECORDS || open.bytes + bytes > CHUNK_BYTES) {
      open = { indexes: [], messages: [], bytes: 0 };
      openByPartition.set(partition, open);
      chunks.push({ partition, ...open });
    }
    open.indexes.push(index);
    open.messages.push(message);
    open.bytes += bytes;
  }
  return chunks;
}
