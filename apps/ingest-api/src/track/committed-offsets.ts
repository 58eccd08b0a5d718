import type { ByPartition } from '@orderstream/kafka';

export type Committed = ByPartition<bigint | null>;

export interface OffsetSource {
  fetchCommitted(groupId: string, topics: readonly string[]): Promise<Committed>;
}

/** An answer this old is asked again, ms. */
const MAX_AGE_MS = 50;

/**
 * How far the sink's group has passed each partition. Any number of waiting requests share one question to Kafka at a
 * time.
 */
export class CommittedOffsets {
  private answer: { readonly at: number; readonly committed: Committed } | undefined;
  private asking: Promise<Committed> | undefined;

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

  private async ask(): Promise<Committed> {
    const committed = await this.source.fetchCommitted(this.groupId, this.topics);
    this.answer = { at: this.nowMs(), committed };
    return committed;
  }
}
