import type { ByPartition, PartitionEnds } from '@orderstream/kafka';

/** Weight of the newest measurement in the drain rate of a partition. */
const SMOOTHING = 0.25;

export interface LagReading {
  /** records that the group has still to read */
  readonly rows: number;
  /** the greatest over all partitions: how long it needs for what lies there, at the rate it drains */
  readonly seconds: number;
  /** records per second over all partitions; 0 while none was seen */
  readonly drainRate: number;
  /** the same, with no partition below the floor: what seconds are worked out from; 0 while nothing was seen to come */
  readonly countedRate: number;
}

interface Partition {
  readonly next: bigint;
  readonly high: bigint;
  readonly lag: number;
  /** records per second, undefined until a period with lag was seen */
  readonly rate: number | undefined;
}

/**
 * How far the sink's group is behind and how fast it drains. The rate of a partition is a moving average over periods in
 * which the group read as fast as it could: not all that lay there at the beginning was taken by the end. In any other
 * period with lag it took what came, which says only that it can do at least that; without lag the last value is kept.
 */
export class LagMeter {
  private readonly partitions = new Map<string, Partition>();

  /** `floorRate`: the least records per second and partition that seconds are worked out from */
  constructor(private readonly floorRate: number) {}

  /** Takes what Kafka says now, `elapsedMs` after the last time. Partitions named in `stopped` do not count. */
  read(
    ends: ByPartition<PartitionEnds>,
    committed: ByPartition<bigint | null>,
    elapsedMs: number,
    stopped: ReadonlySet<string> = new Set(),
  ): LagReading {
    let [rows, seconds, drainRate, countedRate] = [0, 0, 0, 0];
    for (const [topic, endByPartition] of ends) {
      for (const [number, end] of endByPartition) {
        const name = `${topic}-${number}`;
        const partition = this.measure(name, end, committed.get(topic)?.get(number) ?? null, elapsedMs);
        if (stopped.has(name)) continue;
        drainRate += partition.rate ?? 0;
        rows += partition.lag;
        const counted = Math.max(partition.rate ?? 0, this.floorRate);
        if (partition.lag > 0 || partition.rate !== undefined) countedRate += counted;
        seconds = Math.max(seconds, partition.lag / counted);
      }
    }
    return { rows, seconds, drainRate, countedRate };
  }

  /** Records per second that drain from one partition: as measured, and never below the floor. */
  rateOf(topic: string, partition: number): number {
    return Math.max(this.partitions.get(`${topic}-${partition}`)?.rate ?? 0, this.floorRate);
  }

  private measure(name: string, { low, high }: PartitionEnds, committed: bigint | null, elapsedMs: number): Partition {
    // Without a committed offset the group begins at the oldest record; what retention has deleted is not read.
    const next = committed === null || committed < low ? low : committed;
    const lag = Number(high > next ? high - next : 0n);
    const before = this.partitions.get(name);
    const partition = { next, high, lag, rate: before && rateSince(before, next, lag, elapsedMs) };
    this.partitions.set(name, partition);
    return partition;
  }
}

function rateSince(before: Partition, next: bigint, lag: number, elapsedMs: number): number | undefined {
  const { rate } = before;
  if (before.lag === 0 || lag === 0 || elapsedMs <= 0) return rate;
  const drained = (Math.max(0, Number(next - before.next)) * 1000) / elapsedMs;
  const tookAllItCould = next < before.high;
  if (!tookAllItCould && drained <= (rate ?? 0)) return rate;
  return rate === undefined ? drained : rate + SMOOTHING * (drained - rate);
}
