import type { KafkaRecord } from '@orderstream/kafka';

/** So much may wait for one client; what comes on top is skipped and counted. */
export const TAIL_BOUNDS = { records: 1_000, bytes: 1024 * 1024 } as const;

export interface TailRecord {
  readonly partition: number;
  readonly record: KafkaRecord;
}

export type TailEntry = TailRecord | { readonly skipped: number };

/** The records of one client that it has still to take. It never holds up whoever puts them in. */
export class TailBuffer {
  private entries: TailEntry[] = [];
  private bytes = 0;
  private skipped = 0;
  private wake: () => void = () => undefined;

  constructor(
    private readonly partition: number | undefined,
    private readonly bounds: { readonly records: number; readonly bytes: number } = TAIL_BOUNDS,
  ) {}

  offer(partition: number, records: readonly KafkaRecord[]): void {
    if (this.partition !== undefined && this.partition !== partition) return;
    for (const record of records) this.put({ partition, record });
    this.wake();
  }

  /** All that waits, in the order of its coming; how many were skipped stands where they would. */
  take(): readonly TailEntry[] {
    const taken = this.skipped > 0 ? [...this.entries, { skipped: this.skipped }] : this.entries;
    this.entries = [];
    this.bytes = 0;
    this.skipped = 0;
    return taken;
  }

  /** Resolves when something waits, the time is over, or the signal aborts. */
  async arrival(ms: number, signal: AbortSignal): Promise<void> {
    if (this.entries.length > 0 || this.skipped > 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      this.wake = end;
      signal.addEventListener('abort', end, { once: true });
    });
    this.wake = () => undefined;
  }

  /** One that is larger than the bound still goes into an empty buffer. */
  private put(entry: TailRecord): void {
    const size = bytesOf(entry.record);
    const isFull =
      this.entries.length >= this.bounds.records || (this.entries.length > 0 && this.bytes + size > this.bounds.bytes);
    // Once one is skipped, all are until the client has taken what waits: else its place would be lost.
    if (isFull || this.skipped > 0) this.skipped++;
    else {
      this.entries.push(entry);
      this.bytes += size;
    }
  }
}

const bytesOf = ({ key, value }: KafkaRecord): number => (key?.length ?? 0) + (value?.length ?? 0);
