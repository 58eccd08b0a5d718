import type { FieldDefinition } from '../definition.js';
import type { RateCurve, Rate } from './rate-curve.js';

/** Records that are told apart by whose turn it is and when, for they have no id of their own. */
export interface Turns {
  /** in turn, `distinct` of them */
  readonly field: string;
  readonly distinct: number;
  /** the next one after each round */
  readonly valueField: string;
  readonly values: readonly string[];
}

export function turnsOf(fields: readonly FieldDefinition[]): Turns | undefined {
  for (const { name, fake } of fields) {
    if (fake?.kind !== 'turn') continue;
    const other = fields.find((field) => field.name === fake.field)?.fake;
    const distinct = other?.kind === 'runId' ? (other.distinct ?? 1) : 1;
    return { field: fake.field, distinct, valueField: name, values: fake.values };
  }
  return undefined;
}

/** Throws RangeError where two records of one millisecond would have the same turn, and so the same key. */
export function checkTurns(fields: readonly FieldDefinition[], rate: Rate): void {
  const turns = turnsOf(fields);
  if (!turns) return;
  const perSecond = typeof rate === 'number' ? rate : Math.max(rate.from, rate.to);
  const most = turns.distinct * turns.values.length * 1000;
  if (perSecond > most) {
    const needed = Math.ceil(perSecond / turns.values.length / 1000);
    throw new RangeError(
      `keys: with ${turns.distinct} of ${turns.field} there are at most ${most} records a second; ask for ${needed} or more`,
    );
  }
}

/**
 * Index of the record whose turn was `turn` of `round` at `elapsedMs` after the start; undefined when there is none. The
 * times of such records rise by a millisecond at least, so it is found by halving.
 */
export function indexAt(curve: RateCurve, turn: number, round: number, elapsedMs: number): number | undefined {
  const msOf = (n: number): number => Math.floor(curve.msOf(turn + n * round));
  let [low, high] = [0, Math.floor((Number.MAX_SAFE_INTEGER - turn) / round)];
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    if (msOf(middle) < elapsedMs) low = middle + 1;
    else high = middle;
  }
  return msOf(low) === elapsedMs ? turn + low * round : undefined;
}
