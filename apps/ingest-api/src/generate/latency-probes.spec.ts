import { compileStream, ORDERS, READINGS, type Row } from '@orderstream/streams';
import { LatencyProbes, type ProbedTable } from './latency-probes.js';
import { sampledLatency } from './run-latencies.js';

const ROW: Row = ['id-1', undefined, 'Kite', 'toys', 1, '1.00', 0, undefined];
const found = (writeTimeMicros: bigint) => ({ record: {}, writeTimeMicros, lineage: { partition: 0, offset: '0' } });

/** A table that gives these answers, one per question, and the last one from then on. */
function tableOf(answers: (() => ReturnType<ProbedTable['findByPrimaryKey']>)[]) {
  const keys: unknown[] = [];
  const findByPrimaryKey: ProbedTable['findByPrimaryKey'] = (key) => {
    keys.push(key);
    return (answers[keys.length - 1] ?? answers.at(-1)!)();
  };
  return { keys, findByPrimaryKey };
}

describe('LatencyProbes', () => {
  it('asks by primary key until the row is there with its own write time or a newer one', async () => {
    const table = tableOf([
      () => Promise.resolve([]),
      () => Promise.reject(new Error('away')),
      () => Promise.resolve([found(6n)]),
      () => Promise.resolve([found(7n)]),
    ]);
    const probes = new LatencyProbes(compileStream(ORDERS), table);
    probes.offer(ROW, 7);
    expect(await probes.latenciesMs()).toHaveLength(1);
    expect(table.keys).toEqual([['id-1'], ['id-1'], ['id-1'], ['id-1']]);
  });

  it('asks with the derived columns of the key, which a generated row does not have yet', async () => {
    const table = tableOf([() => Promise.resolve([found(7n)])]);
    const probes = new LatencyProbes(compileStream(READINGS), table);
    const row: Row = ['d-1', Date.UTC(2026, 2, 1, 23), 'temperature', '1.5', undefined];
    probes.offer(row, 7);
    await probes.latenciesMs();
    expect(table.keys).toEqual([['d-1', '2026-03-01', row[1], 'temperature']]);
    expect(row[4]).toBeUndefined();
  });

  it('takes no more than about five rows a second', async () => {
    const probes = new LatencyProbes(compileStream(ORDERS), tableOf([() => Promise.resolve([found(9n)])]));
    for (let n = 0; n < 1000; n++) probes.offer(ROW, 1);
    expect((await probes.latenciesMs()).length).toBeLessThanOrEqual(2);
  });

  it('ends when it is closed, without what was not read', async () => {
    const probes = new LatencyProbes(compileStream(ORDERS), tableOf([() => Promise.resolve([])]));
    probes.offer(ROW, 1);
    probes.close();
    expect(await probes.latenciesMs()).toEqual([]);
  });
});

it('a sample says its middle, its slowest hundredth and its size', () => {
  const sample = Array.from({ length: 200 }, (_, i) => 200 - i);
  expect(sampledLatency(sample)).toEqual({ p50: 100, p99: 198, sampled: 200 });
  expect(sampledLatency([5])).toEqual({ p50: 5, p99: 5, sampled: 1 });
});
