import { performance } from 'node:perf_hooks';
import type { RecordTable } from '@orderstream/cassandra';
import { wait } from '@orderstream/resilience';
import type { CompiledStream, Row } from '@orderstream/streams';

const PROBE_EVERY_MS = 200;
/** While rows cannot be read for long, no more than this many are asked for. */
const MOST_AT_ONCE = 32;
const GIVE_UP_MS = 60_000;
const POLL_MS = { first: 4, most: 250, factor: 1.5 } as const;
/** Latencies kept of a run, however long it is: an even sample. */
const SAMPLE = 1000;

export type ProbedTable = Pick<RecordTable, 'findByPrimaryKey'>;

/**
 * Measures how long rows of a run take from being made to being readable: about five a second are asked for in the
 * table until they are there. Bounded in memory and in questions; a question that fails is asked again.
 */
export class LatencyProbes {
  private readonly keyColumns: readonly number[];
  private readonly underWay = new Set<Promise<void>>();
  private readonly closed = new AbortController();
  private readonly sample: number[] = [];
  private measured = 0;
  private nextAtMs = 0;

  constructor(
    private readonly stream: CompiledStream,
    private readonly table: ProbedTable,
    private readonly random: () => number = Math.random,
  ) {
    const { partition, clustering } = stream.definition.primaryKey;
    const names = [...partition, ...clustering.map(({ field }) => field)];
    this.keyColumns = names.map((name) => stream.columns.findIndex((column) => column.name === name));
  }

  /** Takes a row that is about to be published, or leaves it; never waits. */
  offer(row: Row, writeTimeMicros: number): void {
    const nowMs = performance.now();
    if (nowMs < this.nextAtMs || this.underWay.size >= MOST_AT_ONCE) return;
    this.nextAtMs = nowMs + PROBE_EVERY_MS;
    const whole = [...row];
    this.stream.derive(whole); // derived columns may be of the key
    const key = this.keyColumns.map((column) => whole[column]);
    const probe = this.untilReadable(key, BigInt(writeTimeMicros), nowMs)
      .catch(() => undefined) // closed
      .finally(() => this.underWay.delete(probe));
    this.underWay.add(probe);
  }

  /** Resolves once every row that was taken has been read or given up, with whole ms from made to readable. */
  async latenciesMs(): Promise<readonly number[]> {
    await Promise.all(this.underWay);
    return this.sample;
  }

  /** Gives up what is under way. */
  close(): void {
    this.closed.abort(new Error('probes closed'));
  }

  private async untilReadable(key: Row, writeTimeMicros: bigint, madeAtMs: number): Promise<void> {
    let pauseMs: number = POLL_MS.first;
    while (performance.now() - madeAtMs < GIVE_UP_MS) {
      await wait(pauseMs, this.closed.signal);
      const [found] = await this.table.findByPrimaryKey(key).catch(() => []);
      if (found && found.writeTimeMicros >= writeTimeMicros) return this.keep(performance.now() - madeAtMs);
      pauseMs = Math.min(POLL_MS.most, pauseMs * POLL_MS.factor);
    }
    this.keep(GIVE_UP_MS);
  }

  /** Reservoir sampling: each latency is as likely to be kept as any other. */
  private keep(latencyMs: number): void {
    this.measured++;
    const place = this.measured <= SAMPLE ? this.measured - 1 : Math.floor(this.random() * this.measured);
    if (place < SAMPLE) this.sample[place] = Math.round(latencyMs);
  }
}
