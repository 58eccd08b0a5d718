import { LagMeter } from './lag-meter.js';

const ends = (...highs: bigint[]) => new Map([['t', new Map(highs.map((high, p) => [p, { low: 0n, high }]))]]);
const committed = (...offsets: (bigint | null)[]) => new Map([['t', new Map(offsets.map((offset, p) => [p, offset]))]]);

describe('LagMeter', () => {
  it('counts what the group has still to read, from the oldest record where it has committed nothing', () => {
    const meter = new LagMeter(100);
    expect(meter.read(ends(500n, 1000n), committed(null, 900n), 0)).toEqual({
      ...{ rows: 600, seconds: 5, drainRate: 0 },
      countedRate: 200,
    });
  });

  it('measures the drain rate over periods with lag only, and keeps it while there is none', () => {
    const meter = new LagMeter(1);
    meter.read(ends(10_000n), committed(0n), 0);
    expect(meter.read(ends(10_000n), committed(1000n), 500)).toMatchObject({ drainRate: 2000, seconds: 4.5 });
    expect(meter.read(ends(10_000n), committed(10_000n), 500)).toMatchObject({ drainRate: 2000, rows: 0 });
    expect(meter.read(ends(10_010n), committed(10_010n), 500).drainRate).toBe(2000);
  });

  it('is not told by a trickle how fast the group is, only by a backlog', () => {
    const meter = new LagMeter(1);
    meter.read(ends(10_000n), committed(0n), 0);
    expect(meter.read(ends(10_000n), committed(1000n), 500).drainRate).toBe(2000);
    for (let n = 1n; n <= 20n; n++) {
      // 10 records come and go between two looks, and one is always under way.
      const look = meter.read(ends(10_000n + n * 10n), committed(10_000n + n * 10n - 1n), 500);
      expect(look.drainRate).toBeGreaterThanOrEqual(2000);
    }
    const backlog = meter.read(ends(20_000n), committed(10_200n), 500).drainRate;
    expect(meter.read(ends(20_000n), committed(10_300n), 500).drainRate).toBeLessThan(backlog);
  });

  it('learns from a period in which the group took all that came that it can do at least that', () => {
    const meter = new LagMeter(1);
    meter.read(ends(100n), committed(0n), 0);
    expect(meter.read(ends(5_100n), committed(5_000n), 500).drainRate).toBe(10_000);
    expect(meter.read(ends(10_100n), committed(10_000n), 500).drainRate).toBe(10_000);
  });

  it('takes the slowest partition, and never a rate below the floor', () => {
    const meter = new LagMeter(50);
    meter.read(ends(1000n, 1000n), committed(0n, 0n), 0);
    expect(meter.read(ends(1000n, 1000n), committed(500n, 0n), 1000)).toMatchObject({ rows: 1500, seconds: 20 });
  });

  it('leaves stopped partitions out, since nothing drains them', () => {
    const meter = new LagMeter(10);
    const stopped = new Set(['t-0']);
    meter.read(ends(1000n, 200n), committed(0n, 0n), 0);
    meter.read(ends(1000n, 200n), committed(500n, 10n), 1000); // then the first one stopped
    expect(meter.read(ends(1000n, 200n), committed(500n, 20n), 1000, stopped)).toEqual({
      rows: 180,
      seconds: 18,
      drainRate: 10,
      countedRate: 10,
    });
  });
});
