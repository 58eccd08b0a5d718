import type { WorkerStatus } from '@orderstream/contracts';
import type { BatchServerKafka } from '@orderstream/kafka';
import type { Metrics } from '@orderstream/observability';
import type { PartitionTally } from '../consume/partition-tally.js';
import { stopReasonOf } from '../consume/stop-reason.js';

interface Totals {
  readonly atMs: number;
  readonly stored: number;
  readonly writes: number;
  readonly writeSeconds: number;
}

/** What the worker says of itself; each call measures the time since the one before. */
export class WorkerStatusSource {
  private readonly startedAt = new Date().toISOString();
  private before: Totals = { atMs: Date.now(), stored: 0, writes: 0, writeSeconds: 0 };

  constructor(
    private readonly consumer: BatchServerKafka,
    private readonly tally: PartitionTally,
    private readonly metrics: Metrics,
  ) {}

  async now(): Promise<WorkerStatus> {
    const counts = [...this.tally.snapshot().values()];
    const stored = counts.reduce((sum, each) => sum + each.stored, 0);
    const totals: Totals = { atMs: Date.now(), stored, ...(await this.writes()) };
    const { before } = this;
    this.before = totals;
    const seconds = Math.max(0.001, (totals.atMs - before.atMs) / 1000);
    const writes = totals.writes - before.writes;
    return {
      startedAt: this.startedAt,
      assignment: this.consumer.assignment(),
      stored,
      rejected: counts.reduce((sum, each) => sum + each.rejected, 0),
      storedPerSecond: Math.round((totals.stored - before.stored) / seconds),
      writeLatencyMs: writes === 0 ? null : round(((totals.writeSeconds - before.writeSeconds) / writes) * 1000),
      waitsByReason: await this.waitsByReason(),
      stopped: this.consumer.stoppedPartitions().map((stopped) => {
        const { topic, partition, offset } = stopped;
        return { topic, partition, offset, error: stopReasonOf(stopped) };
      }),
    };
  }

  private async writes(): Promise<{ writes: number; writeSeconds: number }> {
    const { values } = await this.metrics.histograms.writeSeconds.get();
    const sumOf = (suffix: string): number =>
      values.reduce((sum, { metricName, value }) => sum + (metricName?.endsWith(suffix) ? value : 0), 0);
    return { writes: sumOf('_count'), writeSeconds: sumOf('_sum') };
  }

  private async waitsByReason(): Promise<Record<string, number>> {
    const { values } = await this.metrics.counters.writeRetries.get();
    const waits: Record<string, number> = {};
    for (const { labels, value } of values) {
      const reason = String(labels['reason']);
      waits[reason] = (waits[reason] ?? 0) + value;
    }
    return waits;
  }
}

const round = (value: number): number => Math.round(value * 10) / 10;
