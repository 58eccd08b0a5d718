import { CommittedOffsets, type Committed } from './committed-offsets.js';

const at = (offset: bigint): Committed => new Map([['orders', new Map([[0, offset]])]]);

/** Answers when it is told to. */
class Source {
  readonly answers: ((committed: Committed | Error) => void)[] = [];

  fetchCommitted(): Promise<Committed> {
    return new Promise((resolve, reject) => {
      this.answers.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
    });
  }

  async asked(times: number): Promise<void> {
    while (this.answers.length < times) await new Promise((turn) => setImmediate(turn));
  }
}

describe('CommittedOffsets', () => {
  it('asks Kafka once for any number of requests that wait at the same time', async () => {
    const source = new Source();
    const offsets = new CommittedOffsets(source, 'g', ['orders']);
    const waiting = [offsets.latest(), offsets.latest(), offsets.latest()];
    await source.asked(1);
    source.answers[0]!(at(7n));
    expect(await Promise.all(waiting)).toEqual([at(7n), at(7n), at(7n)]);
    expect(source.answers).toHaveLength(1);
  });

  // Two processes asked in turn told 29,867 rows stored and then 28,249: the second gave an answer it already had.
  it('gives nobody an answer to a question that was under way when they came', async () => {
    const source = new Source();
    const offsets = new CommittedOffsets(source, 'g', ['orders']);
    const first = offsets.latest();
    await source.asked(1);
    const later = [offsets.latest(), offsets.latest()];
    source.answers[0]!(at(1n));
    expect(await first).toEqual(at(1n));
    await source.asked(2);
    source.answers[1]!(at(2n));
    expect(await Promise.all(later)).toEqual([at(2n), at(2n)]);
  });

  it('asks again after a failure', async () => {
    const source = new Source();
    const offsets = new CommittedOffsets(source, 'g', ['orders']);
    const first = offsets.latest();
    const second = source.asked(1).then(() => offsets.latest());
    await source.asked(1);
    source.answers[0]!(new Error('away'));
    await expect(first).rejects.toThrow('away');
    await source.asked(2);
    source.answers[1]!(at(500n));
    expect(await second).toEqual(at(500n));
  });
});
