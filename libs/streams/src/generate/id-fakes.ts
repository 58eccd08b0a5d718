import type { FakeSpec } from '../definition.js';
import type { Value } from '../stream.js';
import { type Dice, hexOf } from './dice.js';

type SpecOf<K extends FakeSpec['kind']> = Extract<FakeSpec, { kind: K }>;

export function hex({ length, distinct }: SpecOf<'hex'>, salt: Int32Array, dice: Dice): (index: number) => string {
  if (distinct === undefined) return (index) => hexOf(salt, index, length);
  return (index) => {
    dice.seat(index);
    return hexOf(salt, dice.below(distinct), length);
  };
}

/** Hexadecimal digits of a UUID that are free: all but the version and the variant. */
const UUID_DIGITS = 30;

/** A UUID of version 4 of record `index`. Its first 16 free digits tell the index, as those of a hex id do. */
export function uuidOf(salt: Int32Array, index: number): string {
  const digits = hexOf(salt, index, UUID_DIGITS);
  const [low, mid, high] = [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 15)];
  return `${low}-${mid}-4${high}-8${digits.slice(15, 18)}-${digits.slice(18)}`;
}

/** Up to 12 hexadecimal digits of a number, as so many decimal ones. */
export function digits(
  { length, distinct }: SpecOf<'digits'>,
  salt: Int32Array,
  dice: Dice,
): (index: number) => string {
  const first = 10 ** (length - 1);
  const digitsOf = (n: number): string => String(first + (Number.parseInt(hexOf(salt, n, 12), 16) % (9 * first)));
  if (distinct === undefined) return digitsOf;
  return (index) => {
    dice.seat(index);
    return digitsOf(dice.below(distinct));
  };
}

export function runId({ distinct }: SpecOf<'runId'>, runKey: string): (index: number) => string {
  return distinct === undefined ? (index) => `${runKey}-${index}` : (index) => `${runKey}-${index % distinct}`;
}

/** `round`: how many records one value lasts. */
export function turn(values: readonly Value[], round: number): (index: number) => Value {
  return (index) => values[Math.floor(index / round) % values.length];
}
