import fc from 'fast-check';
import { rateCurve } from './rate-curve.js';

const perSecond = fc.double({ min: 0.1, max: 50_000, noNaN: true });
const rate = fc.oneof(
  perSecond,
  fc.record({ from: perSecond, to: perSecond, durationMs: fc.integer({ min: 100, max: 86_400_000 }) }),
);

describe('a rate curve', () => {
  it('says of each record when it is due, and at that time that it is, in rising order', () => {
    fc.assert(
      fc.property(rate, fc.integer({ min: 0, max: 2 ** 31 }), (given, index) => {
        const curve = rateCurve(given);
        const atMs = curve.msOf(index);
        expect(Math.abs(curve.recordsBy(atMs) - index)).toBeLessThanOrEqual(1e-6 * (index + 1));
        expect(curve.msOf(index + 1)).toBeGreaterThan(atMs);
      }),
    );
  });

  it('ramps in a straight line and stays at its end', () => {
    const up = rateCurve({ from: 50, to: 500, durationMs: 60_000 });
    expect(up.recordsBy(60_000)).toBeCloseTo(16_500, 6);
    expect(up.recordsBy(61_000) - up.recordsBy(60_000)).toBeCloseTo(500, 6);
    expect(up.recordsBy(30_500) - up.recordsBy(29_500)).toBeCloseTo(275, 6);
    const down = rateCurve({ from: 500, to: 50, durationMs: 60_000 });
    expect(down.recordsBy(60_000)).toBeCloseTo(16_500, 6);
    expect(down.msOf(16_550) - 60_000).toBeCloseTo(1000, 6);
  });

  it.each([0, -1, NaN, Infinity, { from: 0, to: 1, durationMs: 1 }, { from: 1, to: 1, durationMs: 0 }])(
    'refuses %j',
    (given) => {
      expect(() => rateCurve(given)).toThrow(RangeError);
    },
  );
});
