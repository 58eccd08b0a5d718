import { outMessageBytes, type OutMessage } from '@orderstream/kafka';

/** Rows of one partition that go out in one send. */
export interface PartitionBatch {
  readonly partition: number;
  readonly messages: OutMessage[];
  /** what they take in memory, about */
  readonly heapBytes: number;
  readonly firstRow: number;
  readonly lastRow: number;
}

/** What a message takes in memory beside its bytes: its objects, its headers, its part of the request. */
const MESSAGE_HEAP_BYTES = 1024;

export interface BatcherLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
}

interface Filling {
  messages: OutMessage[];
  bytes: number;
  firstRow: number;
  lastRow: number;
}

/** Collects rows per partition and gives a batch out when one of its limits is reached. No I/O, no timers. */
export class PartitionBatcher {
  private readonly fillingByPartition = new Map<number, Filling>();
  private filled = 0;

  constructor(
    private readonly limits: BatcherLimits,
    private readonly onFull: (batch: PartitionBatch) => void,
  ) {}

  /** What the rows take in memory, about, that were not given out yet. */
  get heapBytes(): number {
    return this.filled;
  }

  add(partition: number, message: OutMessage, row: number): void {
    const size = outMessageBytes(message);
    let filling = this.fillingByPartition.get(partition);
    if (filling && filling.bytes + size > this.limits.maxBytes) {
      this.give(partition, filling);
      filling = undefined;
    }
    if (!filling) {
      filling = { messages: [], bytes: 0, firstRow: row, lastRow: row };
      this.fillingByPartition.set(partition, filling);
    }
    filling.messages.push(message);
    filling.bytes += size;
    this.filled += size + MESSAGE_HEAP_BYTES;
    filling.lastRow = row;
    if (filling.messages.length >= this.limits.maxRows) this.give(partition, filling);
  }

  /** Gives out everything that is being filled. */
  flush(): void {
    for (const [partition, filling] of this.fillingByPartition) this.give(partition, filling);
  }

  private give(partition: number, filling: Filling): void {
    this.fillingByPartition.delete(partition);
    const { messages, bytes, firstRow, lastRow } = filling;
    const heapBytes = bytes + messages.length * MESSAGE_HEAP_BYTES;
    this.filled -= heapBytes;
    this.onFull({ partition, messages, heapBytes, firstRow, lastRow });
  }
}
