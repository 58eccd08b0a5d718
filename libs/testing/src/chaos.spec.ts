import { Deck, seededRandom } from './chaos.js';

describe('a deck', () => {
  it('gives every card once before any card again, and the same order for the same seed', () => {
    const cards = ['a', 'b', 'c', 'd'];
    const drawn = (seed: number) => {
      const deck = new Deck(cards, seededRandom(seed));
      return Array.from({ length: 12 }, () => deck.draw());
    };
    for (const round of [0, 4, 8]) expect([...drawn(7).slice(round, round + 4)].sort()).toEqual(cards);
    expect(drawn(7)).toEqual(drawn(7));
    expect(drawn(7)).not.toEqual(drawn(8));
  });

  it('without cards is refused', () => {
    expect(() => new Deck([], Math.random)).toThrow(RangeError);
  });
});
