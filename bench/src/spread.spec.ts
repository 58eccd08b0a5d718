import fc from 'fast-check';
import { ratioOf, spreadOf } from './spread.ts';

describe('a ratio is told as its median, least and greatest round', () => {
  it('has the middle round, or the mean of the two in the middle', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
    expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
  });

  it('does not depend on the order of the rounds, and leaves them as they were', () => {
    const values = fc.array(fc.integer({ min: 1, max: 999 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(values, (given) => {
        const before = [...given];
        expect(spreadOf(given)).toEqual(spreadOf(given.toReversed()));
        expect(given).toEqual(before);
      }),
    );
  });

  it('divides round by round: a slow hour that slows both does not change it', () => {
    expect(ratioOf([80, 8, 40], [100, 10, 50])).toEqual({ median: 0.8, min: 0.8, max: 0.8 });
  });

  it('refuses what was not measured', () => {
    expect(() => spreadOf([])).toThrow(RangeError);
    expect(() => ratioOf([1], [1, 2])).toThrow(RangeError);
  });
});
