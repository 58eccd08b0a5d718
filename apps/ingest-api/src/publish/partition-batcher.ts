import { outMessageBytes, type OutMessage } from '@orderstream/kafka';

/** Rows of one partition that go out in one send. */
export interface PartitionBatch {
  readonly partition: number;
  readonly messages: OutMessage[];
  readonly firstRow: number;
  readonly lastRow: number;
}

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

  constructor(
    private readonly limits: BatcherLimits,
    private readonly onFull: (batch: PartitionBatch) => void,
  ) {}

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
    filling.lastRow = row;
    if (filling.messages.length >= this.limits.maxRows) this.give(partition, filling);
  }

  /** Gives out everything that is being filled. */
  flush(): void {
    for (const [partition, filling] of this.fillingByPartition) this.give(partition, filling);
  }

  private give(partition: number, filling: Filling): void {
    this.fillingByPartition.delete(partition);
    this.onFull({ partition, messages: filling.messages, firstRow: filling.firstRow, lastRow: filling.lastRow });
  }
}
