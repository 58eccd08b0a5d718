import { Dice, saltOf } from './dice.js';

/** Shares are counted in millionths, so that they are exact. */
const WHOLE = 1_000_000;

/**
 * Chooses a share of all indexes, one out of each of the even stretches that the share makes, by seed: of the first n
 * records, share × n are chosen, exact to one. Index 0 never is. Pure.
 */
export class EvenChoice {
  private readonly millionths: number;
  private readonly dice: Dice;

  /** `share` from 0 up to, and without, 1; it counts in steps of a millionth. */
  constructor(share: number, saltText: string) {
    this.millionths = Math.round(share * WHOLE);
    this.dice = new Dice(saltOf(saltText));
  }

  has(index: number): boolean {
    if (this.millionths === 0 || index === 0) return false;
    const stretch = Math.floor((index * this.millionths) / WHOLE);
    const start = Math.max(1, this.startOf(stretch));
    this.dice.seat(stretch);
    return index === start + this.dice.below(this.startOf(stretch + 1) - start);
  }

  private startOf(stretch: number): number {
    return Math.ceil((stretch * WHOLE) / this.millionths);
  }
}
