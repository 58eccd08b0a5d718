import { performance } from 'node:perf_hooks';
import { jest } from '@jest/globals';
import type { Log, Metrics } from '@orderstream/observability';
import { FlowControl } from './flow-control.js';

const OPTIONS = { groupId: 'g', topics: ['t'], maxLagSeconds: 30, maxLagRows: 1_000, drainRateFloor: 100 };
const settled = () => new Promise(setImmediate);

/** A topic `t` of one partition with so many records that wait. */
function rig(stopped: () => Promise<ReadonlySet<string>>, options = OPTIONS) {
  const lag = { rows: 0, passed: 0 };
  const source = {
    fetchEnds: () =>
      Promise.resolve(new Map([['t', new Map([[0, { low: 0n, high: BigInt(lag.passed + lag.rows) }]])]])),
    fetchCommitted: () => Promise.resolve(new Map([['t', new Map([[0, BigInt(lag.passed)]])]])),
  };
  const gauge = { set: () => undefined };
  const metrics = { gauges: { lagSeconds: gauge, lagTotalRows: gauge, sourcesHeld: gauge } } as unknown as Metrics;
  const told: string[] = [];
  const tell = (level: string) => (fields: { partitions?: readonly string[] }) => {
    if (fields.partitions) told.push(`${level} ${fields.partitions.join(' ')}`);
  };
  const log = { debug: tell('debug'), info: tell('info'), warn: tell('warn') } as unknown as Log;
  return { flow: new FlowControl(source, options, { metrics, log }, stopped), lag, told };
}

describe('FlowControl', () => {
  it('sees the lag while the store, which knows the stopped partitions, hangs', async () => {
    let asked = 0;
    const { flow, lag } = rig(() => (asked++, new Promise(() => undefined)));
    await flow.look();
    expect(flow.isHolding).toBe(false);
    lag.rows = 900;
    await flow.look();
    expect(flow.isHolding).toBe(true);
    expect(asked).toBe(1); // one question at a time
  });

  it('leaves stopped partitions out, and says when they change', async () => {
    let stopped = new Set(['t-0']);
    const { flow, lag, told } = rig(() => Promise.resolve(stopped));
    lag.rows = 900;
    await flow.look();
    await settled();
    await flow.look();
    await settled();
    expect(flow.isHolding).toBe(false);
    expect(told).toEqual(['warn t-0']);
    stopped = new Set();
    await flow.look();
    await settled();
    await flow.look();
    expect(flow.isHolding).toBe(true);
    expect(told).toEqual(['warn t-0', 'info ']);
  });

  it('counts what Kafka took while it was asked how much waits', async () => {
    const { flow, lag } = rig(() => Promise.resolve(new Set()), { ...OPTIONS, drainRateFloor: 1_000 });
    flow.sending(500);
    flow.sent(500, { acknowledged: true });
    const looking = flow.look(); // 500 rows wait by its answer, and by then 400 more do
    Object.assign(lag, { rows: 500 });
    await Promise.resolve();
    flow.sending(400);
    flow.sent(400, { acknowledged: true });
    await looking;
    expect(flow.isHolding).toBe(true);
    Object.assign(lag, { rows: 0, passed: 900 });
    await flow.look();
    expect(flow.isHolding).toBe(false);
  });

  it('holds at once when what goes out would take too long at the rate that was seen', async () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(0);
    const { flow, lag } = rig(() => Promise.resolve(new Set()), { ...OPTIONS, maxLagRows: 100_000 });
    lag.rows = 210;
    await flow.look();
    now.mockReturnValue(1_000);
    Object.assign(lag, { rows: 10, passed: 200 });
    await flow.look();
    expect(flow.seenDrainRate).toBe(200);
    flow.sending(1_100);
    expect(flow.isHolding).toBe(false);
    flow.sending(100); // more than 6 s at 200 records per second
    expect(flow.isHolding).toBe(true);
    now.mockRestore();
  });

  it('does not hold, nor go round in circles, for what the floor says will be stored in time', async () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(0);
    const { flow, lag } = rig(() => Promise.resolve(new Set()), {
      ...OPTIONS,
      maxLagRows: 100_000,
      drainRateFloor: 1_000,
    });
    Object.assign(lag, { rows: 3 });
    await flow.look();
    Object.assign(lag, { rows: 1, passed: 2 });
    now.mockReturnValue(20_000); // a trickle: 0.1 per second were seen
    await flow.look();
    for (let cycle = 1; cycle <= 3; cycle++) {
      flow.sending(5_000);
      expect(flow.isHolding).toBe(false);
      flow.sent(5_000, { acknowledged: true });
      lag.passed += lag.rows + 5_000;
      lag.rows = 0;
      now.mockReturnValue(20_000 + cycle * 500);
      await flow.look();
    }
    now.mockRestore();
  });
});
