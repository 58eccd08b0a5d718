import { performance } from 'node:perf_hooks';
import { wait } from '@orderstream/resilience';
import type { ByPartition } from '@orderstream/kafka';

export type Committed = ByPartition<bigint | null>;

export interface OffsetSource {
  fetchCommitted(groupId: string, topics: readonly string[]): Promise<Committed>;
}

/** From the beginning of one question to that of the next, ms. */
const LEAST_APART_MS = 20;

/**
 * How far the sink's group has passed each partition. Any number of waiting requests share one question to Kafka, which
 * begins after all of them came: so what one process has told is never more than what another one tells later.
 */
export class CommittedOffsets {
  private askedAtMs = -Infinity;
  private asking: Promise<unknown> = Promise.resolve();
  private next: Promise<Committed> | undefined;

  constructor(
    private readonly source: OffsetSource,
    private readonly groupId: string,
    private readonly topics: readonly string[],
  ) {}

  /** Rejects when Kafka does not answer. */
  latest(): Promise<Committed> {
    this.next ??= this.ask();
    return this.next;
  }

  private async ask(): Promise<Committed> {
    await this.asking.catch(() => undefined);
    await wait(Math.max(0, this.askedAtMs + LEAST_APART_MS - performance.now()));
    this.next = undefined; // who comes from now on may have seen more than this question will
    this.askedAtMs = performance.now();
    const answer = this.source.fetchCommitted(this.groupId, this.topics);
    this.asking = answer;
    return answer;
  }
}
