import type { LetterPosition } from '@orderstream/cassandra';
import type { Segment } from '@orderstream/contracts';
import { Outcomes } from './outcomes.js';

const segment = (partition: number, base: number, count: number): Segment => ({
  topic: 'orders',
  partition,
  base: String(base),
  count,
  firstRow: 0,
  lastRow: 0,
  attempt: 1,
});
const letter = (offset: number, more: Partial<LetterPosition> = {}): LetterPosition => ({
  id: `orders-0-${offset}`,
  topic: 'orders',
  partition: 0,
  offset: String(offset),
  code: 'bad_int',
  attempt: 1,
  state: 'open',
  ...more,
});

/** A group that stands at `next` in partition 0, and a job's letters; `release` lets the scans go on. */
function rig(next: { at: bigint | Error }, letters: readonly LetterPosition[], gated = false) {
  const seen = { scans: 0, release: () => undefined as void, ids: [] as readonly string[] };
  const gate = gated ? new Promise<void>((resolve) => (seen.release = resolve)) : Promise.resolve();
  const latest = () =>
    next.at instanceof Error
      ? Promise.reject(next.at)
      : Promise.resolve(new Map([['orders', new Map([[0, next.at]])]]));
  async function* positionsOfJob() {
    seen.scans++;
    await gate;
    yield letters;
  }
  async function* positionsOf(ids: readonly string[]) {
    seen.ids = ids;
    yield letters.filter(({ id }) => ids.includes(id));
  }
  const outcomes = new Outcomes(
    { latest },
    { positionsOfJob, positionsOf },
    { drainRateOf: (_, partition) => (partition ? 5 : 10) },
  );
  return { outcomes, seen };
}
const unsettled = (...segments: readonly Segment[]) => ({ jobId: 'j', attempt: 1, segments });

describe('Outcomes', () => {
  it("counts the letters that lie in the job's segments and were passed, and are rejections still", async () => {
    const letters = [
      letter(10),
      letter(12, { code: 'tombstone_not_supported' }),
      letter(13, { state: 'repaired' }),
      letter(14), // another producer's
      letter(22), // not passed
    ];
    const { outcomes } = rig({ at: 21n }, letters);
    expect(await outcomes.read(unsettled(segment(0, 10, 4), segment(0, 20, 5)))).toEqual({
      published: 9,
      passed: 5,
      rejectedInSink: 2,
      rejectedByCode: new Map([
        ['bad_int', 1],
        ['tombstone_not_supported', 1],
      ]),
      secondsLeft: 0.4,
    });
  });

  it('of a redrive are asked for by the places of its passed records: they bear the jobs they came from', async () => {
    const { outcomes, seen } = rig({ at: 12n }, [letter(11), letter(13)]);
    const redrive = { ...unsettled(segment(0, 10, 4)), isRedrive: true };
    expect(await outcomes.read(redrive)).toMatchObject({ published: 4, passed: 2, rejectedInSink: 1 });
    expect([seen.ids, seen.scans]).toEqual([['orders-0-10', 'orders-0-11'], 0]);
  });

  it('estimates from the slowest partition, with what lies before the job', async () => {
    const { outcomes } = rig({ at: 100n }, []);
    const { secondsLeft } = await outcomes.read(unsettled(segment(0, 1_090, 10), segment(1, 0, 400)));
    expect(secondsLeft).toBe(100); // 1,000 records at 10/s; the other one has 400 at 5/s
  });

  it('asks once for any number of callers, and lends no scan to one who knows less than it does', async () => {
    const { outcomes, seen } = rig({ at: 100n }, [], true);
    const before = unsettled(segment(0, 0, 10));
    const after = unsettled(segment(0, 0, 10), segment(0, 10, 10));
    const reading = [outcomes.read(after), outcomes.read(after), outcomes.read(before)];
    await new Promise(setImmediate);
    seen.release();
    expect((await Promise.all(reading)).map(({ passed }) => passed)).toEqual([20, 20, 10]);
    expect(seen.scans).toBe(2);
  });

  it('lends no scan to one who came after it began, and may have seen more', async () => {
    const next = { at: 4n };
    const { outcomes, seen } = rig(next, [], true);
    const rows = unsettled(segment(0, 0, 10));
    const first = outcomes.read(rows);
    await new Promise(setImmediate);
    next.at = 8n;
    const [second, third] = [outcomes.read(rows), outcomes.read(rows)];
    seen.release();
    expect((await Promise.all([first, second, third])).map(({ passed }) => passed)).toEqual([4, 8, 8]);
    expect(seen.scans).toBe(2);
  });

  it('keeps what it read last for when nobody answers, but not for fewer rows or another attempt', async () => {
    const next: { at: bigint | Error } = { at: 8n };
    const { outcomes } = rig(next, []);
    const rows = unsettled(segment(0, 0, 10));
    expect(outcomes.last(rows)).toBeUndefined();
    await outcomes.read(rows);
    next.at = new Error('away');
    await expect(outcomes.read(rows)).rejects.toThrow('away');
    expect(outcomes.last(unsettled(segment(0, 0, 12)))).toMatchObject({ passed: 8 });
    expect(outcomes.last(unsettled(segment(0, 0, 9)))).toBeUndefined();
    expect(outcomes.last({ ...rows, attempt: 2 })).toBeUndefined();
  });
});
