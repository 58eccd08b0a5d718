import { Dice, saltOf } from './dice.js';
import { EvenChoice } from './even-choice.js';

/** Shares of the records of a run; see `GeneratorOptions`. */
export interface RunShares {
  readonly updates: number;
  readonly faults: number;
}

/** Which records of a run update an earlier one, and which are made to fail. Pure functions of the index and the seed. */
export interface RunIdentity {
  /** Index of the record whose key record `index` bears: its own, or of the earlier one that it updates. */
  subjectOf(index: number): number;
  isFault(index: number): boolean;
}

const OWN: RunIdentity = { subjectOf: (index) => index, isFault: () => false };

export function runIdentity({ updates, faults }: RunShares, saltText: string): RunIdentity {
  if (updates === 0 && faults === 0) return OWN;
  const faulty = new EvenChoice(faults, `${saltText}||faults`);
  const updating = new EvenChoice(updates, `${saltText}||updates`);
  const dice = new Dice(saltOf(`${saltText}||subjects`));
  return {
    isFault: (index) => faulty.has(index),
    subjectOf: (index) => {
      if (faulty.has(index) || !updating.has(index)) return index;
      dice.seat(index);
      let subject = dice.below(index);
      // Record 0 is neither a fault nor an update, so the way down ends.
      while (faulty.has(subject) || updating.has(subject)) subject--;
      return subject;
    },
  };
}
