import { outMessageBytes, type OutMessage } from '@orderstream/kafka';

/** Rows of one partition that go out in one send, ascending: whoever looks for one in its segment counts on it. */
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
  /** beside `messages` */
  rows: number[];
  bytes: number;
  isAscending: boolean;
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
      filling = { messages: [], rows: [], bytes: 0, isAscending: true };
      this.fillingByPartition.set(partition, filling);
    }
    if (row < (filling.rows.at(-1) ?? row)) filling.isAscending = false;
    filling.messages.push(message);
    filling.rows.push(row);
    filling.bytes += size;
    this.filled += size + MESSAGE_HEAP_BYTES;
    if (filling.messages.length >= this.limits.maxRows) this.give(partition, filling);
  }

  /** Gives out everything that is being filled. */
  flush(): void {
    for (const [partition, filling] of this.fillingByPartition) this.give(partition, filling);
  }

  private give(partition: number, filling: Filling): void {
    this.fillingByPartition.delete(partition);
    const { messages, rows, bytes } = filling.isAscending ? filling : sorted(filling);
    const heapBytes = bytes + messages.length * MESSAGE_HEAP_BYTES;
    this.filled -= heapBytes;
    this.onFull({ partition, messages, heapBytes, firstRow: rows[0]!, lastRow: rows.at(-1)! });
  }
}

/** Repaired rows come in the order their owner gave them. */
function sorted({ messages, rows, bytes }: Filling): Filling {
  const order = rows.map((_, i) => i).sort((a, b) => rows[a]! - rows[b]!);
  return { messages: order.map((i) => messages[i]!), rows: order.map((i) => rows[i]!), bytes, isAscending: true };
}
