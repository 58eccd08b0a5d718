import fc from 'fast-check';
import { EvenChoice } from './even-choice.js';

const chosenOf = (choice: EvenChoice, count: number): number[] =>
  Array.from({ length: count }, (_, index) => index).filter((index) => choice.has(index));

describe('EvenChoice', () => {
  it('chooses its share of the first n, exact to one, and never record 0', () => {
    const millionths = fc.integer({ min: 0, max: 900_000 });
    fc.assert(
      fc.property(millionths, fc.string(), fc.integer({ min: 1, max: 5000 }), (share, salt, count) => {
        const chosen = chosenOf(new EvenChoice(share / 1_000_000, salt), count);
        expect(Math.abs(chosen.length - (share * count) / 1_000_000)).toBeLessThanOrEqual(1);
        expect(chosen).not.toContain(0);
      }),
    );
  });

  it.each([
    [0.001, 20_000, 20],
    [0.05, 20_000, 1000],
    [0.29, 1000, 290],
    [0.9, 1000, 900],
    [0, 1000, 0],
  ])('of a share of %d of %d it chooses %d', (share, count, expected) => {
    expect(chosenOf(new EvenChoice(share, 'salt'), count)).toHaveLength(expected);
  });

  it('chooses others by another salt', () => {
    expect(chosenOf(new EvenChoice(0.1, 'a'), 1000)).not.toEqual(chosenOf(new EvenChoice(0.1, 'b'), 1000));
  });
});
