import { CommittedOffsets, type Committed } from './committed-offsets.js';

const at = (offset: bigint): Committed => new Map([['orders', new Map([[0, offset]])]]);

describe('CommittedOffsets', () => {
  it('asks Kafka once for any number of requests that wait at the same time', async () => {
    let asked = 0;
    let answer!: (committed: Committed) => void;
    const source = { fetchCommitted: () => (asked++, new Promise<Committed>((resolve) => (answer = resolve))) };
    const offsets = new CommittedOffsets(source, 'g', ['orders'], () => 0);
    const waiting = [offsets.latest(), offsets.latest(), offsets.latest()];
    answer(at(7n));
    expect(await Promise.all(waiting)).toEqual([at(7n), at(7n), at(7n)]);
    expect(asked).toBe(1);
  });

  it('asks again after a failure, and when its answer is old', async () => {
    const answers = [at(0n), new Error('away'), at(500n)];
    let now = 0;
    const fetchCommitted = () => {
      const next = answers.shift()!;
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    };
    const offsets = new CommittedOffsets({ fetchCommitted }, 'g', ['orders'], () => now);
    await offsets.latest();
    now = 1000;
    await expect(offsets.latest()).rejects.toThrow('away');
    expect(await offsets.latest()).toEqual(at(500n));
  });
});
