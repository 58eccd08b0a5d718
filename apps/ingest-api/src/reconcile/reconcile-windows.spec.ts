import { ReconcileQuery } from '@orderstream/contracts/dto';
import { checkWindow, windowsOf } from './reconcile-windows.js';

const query = (given: Partial<ReconcileQuery>): ReconcileQuery => Object.assign(new ReconcileQuery(), given);
const STATE = {
  endsByPartition: new Map([
    [0, { low: 10n, high: 100n }],
    [1, { low: 0n, high: 50n }],
    [2, { low: 0n, high: 5n }],
  ]),
  committedByPartition: new Map<number, bigint | null>([
    [0, 90n],
    [1, 50n],
    [2, null],
  ]),
};
const times = { fetchOffsetsAt: async (_topic: string, ms: number) => new Map([[0, BigInt(ms)]]) };
const windows = async (given: Partial<ReconcileQuery>) =>
  [...(await windowsOf(query(given), 'orders', STATE, times))].map(([p, { from, end }]) => [p, from, end]);

describe('windowsOf', () => {
  it('without a window is all that is retained and passed; nothing where the sink has read nothing', async () => {
    expect(await windows({})).toEqual([
      [0, 10n, 90n],
      [1, 0n, 50n],
      [2, 0n, 0n],
    ]);
  });

  it('cuts offsets to what the topic has and the sink has passed', async () => {
    expect(await windows({ partition: 0, fromOffset: '5', toOffset: '95' })).toEqual([[0, 10n, 90n]]);
    expect(await windows({ partition: 0, fromOffset: '20', toOffset: '30' })).toEqual([[0, 20n, 30n]]);
    expect(await windows({ partition: 0, fromOffset: '95' })).toEqual([[0, 95n, 95n]]);
  });

  it('takes offsets of times from Kafka', async () => {
    const day = { from: '1970-01-01T00:00:00.020Z', to: '1970-01-01T00:00:00.040Z' };
    expect((await windows(day))[0]).toEqual([0, 20n, 40n]);
  });

  it('refuses a partition that is not there', async () => {
    await expect(windows({ partition: 7 })).rejects.toMatchObject({ code: 'bad_parameter' });
  });
});

describe('checkWindow', () => {
  it.each([
    [{ fromOffset: '1' }, /need partition=/],
    [{ partition: 0, from: '2026-01-01T00:00:00Z' }, /not both/],
    [{ from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }, /not before/],
    [{ partition: 0, fromOffset: '9', toOffset: '9' }, /not below/],
    [{ overrule: 'true' }, /repair=true/],
  ] as const)('refuses %j', (given, message) => {
    expect(() => checkWindow(query(given))).toThrow(message);
  });
});
