import type { ByPartition } from '@orderstream/kafka';

export type Committed = ByPartition<bigint | null>;

export interface OffsetSource {
  fetchCommitted(groupId: string, topics: readonly string[]): Promise<Committed>;
}

/** An answer this old is asked again, ms. */
const MAX_AGE_MS = 50;
/** Weight of the newest measurement in the drain rate. */
const SMOOTHING = 0.3;

/**
 * How far the sink's group has passed each partition. Any number of waiting requests share one question to Kafka at a
 * time, and from the answers comes the rate at which the sink drains.
 */
export class CommittedOffsets {
  private answer: { readonly at: number; readonly committed: Committed } | undefined;
  private asking: Promise<Committed> | undefined;
  private rate = 0;

  constructor(
    private readonly source: OffsetSource,
    private readonly groupId: string,
    private readonly topics: readonly string[],
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Rejects when Kafka does not answer. */
  async latest(): Promise<Committed> {
    if (this.answer && this.nowMs() - this.answer.at < MAX_AGE_MS) return this.answer.committed;
    this.asking ??= this.ask().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  /** Records per second the group has drained lately; 0 while nothing was seen. */
  get drainRate(): number {
    return this.rate;
  }

  private async ask(): Promise<Committed> {
    const committed = await this.source.fetchCommitted(this.groupId, this.topics);
    const at = this.nowMs();
    this.measure(committed, at);
    this.answer = { at, committed };
    return committed;
  }

  private measure(committed: Committed, at: number): void {
    const before = this.answer;
    if (!before || at <= before.at) return;
    const drained = Number(sumOf(committed) - sumOf(before.committed));
    if (drained <= 0) return;
    const now = (drained * 1000) / (at - before.at);
    this.rate = this.rate === 0 ? now : this.rate + SMOOTHING * (now - this.rate);
  }
}

function sumOf(committed: Committed): bigint {
  let sum = 0n;
  for (const partitions of committed.values()) for (const offset of partitions.values()) sum += offset ?? 0n;
  return sum;
}
