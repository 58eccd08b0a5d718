/** What one partition brought since the start of this process. */
export interface PartitionCounts {
  stored: number;
  rejected: number;
  /** message key of the newest record that was stored */
  sampleKey: string | null;
}

/** Counts per `topic-partition`, logged when the worker ends. */
export class PartitionTally {
  private readonly countsByPartition = new Map<string, PartitionCounts>();

  add(topic: string, partition: number, more: PartitionCounts): void {
    const id = `${topic}-${partition}`;
    const counts = this.countsByPartition.get(id);
    if (!counts) {
      this.countsByPartition.set(id, { ...more });
      return;
    }
    counts.stored += more.stored;
    counts.rejected += more.rejected;
    counts.sampleKey = more.sampleKey ?? counts.sampleKey;
  }

  snapshot(): ReadonlyMap<string, Readonly<PartitionCounts>> {
    return this.countsByPartition;
  }
}
