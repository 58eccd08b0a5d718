import { compare } from './baseline.ts';

const at = (median: number) => ({ median, min: median - 0.1, max: median + 0.1 });
const baseline = { ratios: { sinkVsRaw: { min: 0.8 }, endToEndVsRaw: { max: 1.5 } }, rssMb: { max: 350 } };
const failed = (ratios: Record<string, ReturnType<typeof at>>, expected: string[]) =>
  compare(ratios, baseline, expected)
    .filter(({ ok }) => !ok)
    .map(({ name }) => name);

describe('a run fails on a ratio that is past its limit', () => {
  it('keeps a limit by its median, not by its worst round', () => {
    expect(failed({ sinkVsRaw: at(0.8), endToEndVsRaw: at(1.5) }, ['sinkVsRaw', 'endToEndVsRaw'])).toEqual([]);
  });

  it('fails below a least and above a most', () => {
    expect(failed({ sinkVsRaw: at(0.79) }, ['sinkVsRaw'])).toEqual(['sinkVsRaw']);
    expect(failed({ endToEndVsRaw: at(1.51) }, ['endToEndVsRaw'])).toEqual(['endToEndVsRaw']);
  });

  it('fails when a ratio was not measured at all, and takes one without a limit as it is', () => {
    expect(failed({}, ['sinkVsRaw'])).toEqual(['sinkVsRaw']);
    expect(failed({ other: at(0) }, ['other'])).toEqual([]);
  });
});
