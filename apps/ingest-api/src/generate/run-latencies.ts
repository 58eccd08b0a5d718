import type { LatencyRepository } from '@orderstream/cassandra';
import type { SampledLatency } from '@orderstream/contracts';
import type { Log } from '@orderstream/observability';
import { wait } from '@orderstream/resilience';
import type { CompiledStream } from '@orderstream/streams';
import { LatencyProbes, type ProbedTable } from './latency-probes.js';

/** How long a question waits for probes of a run that has just ended, ms. */
const PROBES_WAIT_MS = 2_000;

/** The latencies of runs: measured where the run is, written down at its end, read by anyone. */
export class RunLatencies {
  private readonly writingById = new Map<string, { readonly probes: LatencyProbes; readonly done: Promise<void> }>();

  constructor(
    private readonly store: LatencyRepository,
    private readonly tableByStream: ReadonlyMap<string, ProbedTable>,
    private readonly log: Log,
  ) {}

  probesFor(stream: CompiledStream): LatencyProbes {
    return new LatencyProbes(stream, this.tableByStream.get(stream.name)!);
  }

  /** Writes the sample down once its last probe has ended, without being waited for. */
  keep(id: string, probes: LatencyProbes): void {
    const done = this.write(id, probes).finally(() => this.writingById.delete(id));
    this.writingById.set(id, { probes, done });
  }

  /** Null when none were measured. Rejects with the driver's error. */
  async of(id: string): Promise<SampledLatency | null> {
    const writing = this.writingById.get(id);
    if (writing) await Promise.race([writing.done, wait(PROBES_WAIT_MS)]);
    const sample = await this.store.find(id);
    return sample && sample.length > 0 ? sampledLatency(sample) : null;
  }

  /** Ends probes that are still out, and writes down what the others measured. */
  async close(): Promise<void> {
    const writing = [...this.writingById.values()];
    for (const { probes } of writing) probes.close();
    await Promise.all(writing.map(({ done }) => done));
  }

  private async write(id: string, probes: LatencyProbes): Promise<void> {
    try {
      const latencies = await probes.latenciesMs();
      if (latencies.length > 0) await this.store.put(id, latencies);
    } catch (error) {
      this.log.warn({ job: id, reason: (error as Error).message }, 'latencies of a run were not written down');
    }
  }
}

export function sampledLatency(sampleMs: readonly number[]): SampledLatency {
  const sorted = sampleMs.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]!;
  return { p50: at(0.5), p99: at(0.99), sampled: sorted.length };
}
