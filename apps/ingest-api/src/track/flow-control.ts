import { performance } from 'node:perf_hooks';
import { ProblemError } from '@orderstream/contracts';
import type { ByPartition, PartitionEnds } from '@orderstream/kafka';
import type { Log, Metrics } from '@orderstream/observability';
import { orAborted } from '@orderstream/resilience';
import { LagMeter, type LagReading } from './lag-meter.js';

/** How often the lag is looked at, ms. */
const LOOK_MS = 500;
/**
 * Of the bounds: from `hold` on sources are held back, below `release` they go on. What waits already takes longer when
 * the store becomes slower, so the bound in seconds leaves room for a store that does a quarter of what it did.
 */
const ROWS = { hold: 0.8, release: 0.7 } as const;
const SECONDS = { hold: 0.2, release: 0.12 } as const;
const STOPPED =
  'the sink has stopped these partitions after a failure it does not know: what is published there waits, and does not ' +
  'count as lag. GET /workers says why';
const RETRY_AFTER_S = { least: 1, most: 60 } as const;

export interface LagSource {
  fetchEnds(topics: readonly string[]): Promise<ByPartition<PartitionEnds>>;
  fetchCommitted(groupId: string, topics: readonly string[]): Promise<ByPartition<bigint | null>>;
}

export interface FlowOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly maxLagSeconds: number;
  readonly maxLagRows: number;
  /** records per second and partition */
  readonly drainRateFloor: number;
}

/**
 * Keeps what lies between the API and the tables within bounds. When the sink is behind, runs and uploads under way are
 * held back and new uploads are told to come later; single records are never held.
 */
export class FlowControl {
  private readonly meter: LagMeter;
  private reading: LagReading = { rows: 0, seconds: 0, drainRate: 0, countedRate: 0 };
  private lookedAt = performance.now();
  /** rows published here since the last look */
  private sinceLook = 0;
  /** rows that Kafka has not answered for */
  private underWay = 0;
  private timer: NodeJS.Timeout | undefined;
  /** names of partitions that nothing drains, as they were seen last */
  private stopped: ReadonlySet<string> = new Set();
  private lookingForStopped = false;
  private held: { readonly released: Promise<void>; release(): void } | undefined;

  constructor(
    private readonly source: LagSource,
    private readonly options: FlowOptions,
    private readonly observed: { readonly metrics: Metrics; readonly log: Log },
    /** names of partitions (`topic-number`) that a worker has stopped; nothing drains them */
    private readonly stoppedPartitions: () => Promise<ReadonlySet<string>> = () => Promise.resolve(new Set()),
  ) {
    this.meter = new LagMeter(options.drainRateFloor);
  }

  start(): void {
    const next = (): void => {
      this.timer = setTimeout(() => void this.look().finally(() => this.timer && next()), LOOK_MS);
    };
    next();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.release();
  }

  /** Records per second that the sink stores of what waits for it; the floor while less, or nothing, was seen. */
  get drainRate(): number {
    return Math.max(this.reading.drainRate, this.options.drainRateFloor);
  }

  /** The same of one partition; the configured floor while less was seen. */
  drainRateOf(topic: string, partition: number): number {
    return this.meter.rateOf(topic, partition);
  }

  /** Records per second that the sink was seen to store; undefined until it was seen at work. */
  get seenDrainRate(): number | undefined {
    return this.reading.drainRate > 0 ? this.reading.drainRate : undefined;
  }

  get isHolding(): boolean {
    return this.held !== undefined;
  }

  /** Whoever publishes rows awaits it before it publishes more; resolves at once unless the sink is behind. */
  async room(signal: AbortSignal): Promise<void> {
    while (this.held !== undefined && !signal.aborted) {
      await orAborted(this.held.released, signal).catch(() => undefined); // whoever aborted ends the work itself
    }
  }

  /** Rows that go out now. They count at once, for the bounds do not wait for the next look. */
  sending(rows: number): void {
    this.underWay += rows;
    const { ofRows, ofSeconds } = this.shares;
    if (ofRows >= ROWS.hold || ofSeconds >= SECONDS.hold) this.hold();
  }

  /**
   * What was seen at the last look, and what went out since. Its seconds are a mean over partitions, so never more than those
   * that the next look will find if nothing drains until then: what holds here would hold there.
   */
  private get known(): { readonly rows: number; readonly seconds: number } {
    const { rows: seen, seconds, countedRate } = this.reading;
    const rows = seen + this.sinceLook + this.underWay;
    return { rows, seconds: countedRate > 0 ? Math.max(seconds, rows / countedRate) : seconds };
  }

  /** What is known as shares of the bounds. */
  private get shares(): { readonly ofRows: number; readonly ofSeconds: number } {
    const { rows, seconds } = this.known;
    const { maxLagRows, maxLagSeconds } = this.options;
    return { ofRows: rows / maxLagRows, ofSeconds: seconds / maxLagSeconds };
  }

  /** Kafka has taken them, or they were given up. */
  sent(rows: number, { acknowledged }: { readonly acknowledged: boolean }): void {
    this.underWay -= rows;
    if (acknowledged) this.sinceLook += rows;
  }

  /** Throws `lag_too_high` (429) with the time after which there may be room. */
  admit(): void {
    if (this.held === undefined) return;
    const { rows, seconds } = this.known;
    const over = Math.max(seconds - this.options.maxLagSeconds * SECONDS.release, this.rowsOver() / this.drainRate);
    const retryAfterSeconds = Math.ceil(Math.min(RETRY_AFTER_S.most, Math.max(RETRY_AFTER_S.least, over)));
    const { maxLagRows, maxLagSeconds } = this.options;
    const detail =
      `the sink is ${rows} records (${Math.round(seconds)} s) behind; files are taken below ` +
      `${Math.round(maxLagRows * ROWS.hold)} and ${maxLagSeconds * SECONDS.hold} s, which are shares of MAX_LAG_ROWS and ` +
      'MAX_LAG_SECONDS. Send the file later; single records are taken';
    throw new ProblemError('lag_too_high', detail, { retryAfterSeconds });
  }

  /** One look. While Kafka does not answer, what was seen last holds. */
  async look(): Promise<void> {
    try {
      const { groupId, topics } = this.options;
      void this.lookForStopped(); // beside: a store that hangs must not keep the lag from being seen
      // Committed first: the other way round a group that keeps up could seem to be ahead of the end.
      const committed = await this.source.fetchCommitted(groupId, topics);
      // What Kafka takes from here on may be in the ends or not: it counts beside them until the next look.
      const before = this.sinceLook;
      const ends = await this.source.fetchEnds(topics);
      const now = performance.now();
      this.reading = this.meter.read(ends, committed, now - this.lookedAt, this.stopped);
      this.lookedAt = now;
      this.sinceLook -= before;
      this.judge();
    } catch (error) {
      this.observed.log.debug({ reason: (error as Error).message }, 'the lag could not be read');
    }
  }

  private async lookForStopped(): Promise<void> {
    if (this.lookingForStopped) return;
    this.lookingForStopped = true;
    try {
      const stopped = await this.stoppedPartitions();
      const before = this.stopped;
      this.stopped = stopped;
      if (stopped.size === before.size && [...stopped].every((name) => before.has(name))) return;
      const partitions = [...stopped].sort();
      if (stopped.size === 0) this.observed.log.info({ partitions }, 'no partition is stopped any more');
      else this.observed.log.warn({ partitions }, STOPPED);
    } catch (error) {
      this.observed.log.debug({ reason: (error as Error).message }, 'the stopped partitions could not be read');
    } finally {
      this.lookingForStopped = false;
    }
  }

  private judge(): void {
    this.observed.metrics.gauges.lagSeconds.set(this.reading.seconds);
    this.observed.metrics.gauges.lagTotalRows.set(this.reading.rows);
    const { ofRows, ofSeconds } = this.shares;
    if (ofRows >= ROWS.hold || ofSeconds >= SECONDS.hold) this.hold();
    else if (ofRows < ROWS.release && ofSeconds < SECONDS.release) this.release();
  }

  private hold(): void {
    if (this.held !== undefined) return;
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    this.held = { released, release };
    this.observed.metrics.gauges.sourcesHeld.set(1);
    this.observed.log.warn({ ...this.reading, ...this.known }, 'the sink is behind: uploads and runs are held back');
  }

  private release(): void {
    if (this.held === undefined) return;
    this.held.release();
    this.held = undefined;
    this.observed.metrics.gauges.sourcesHeld.set(0);
    this.observed.log.info({ ...this.reading }, 'uploads and runs go on');
  }

  private rowsOver(): number {
    return this.reading.rows - this.options.maxLagRows * ROWS.release;
  }
}
