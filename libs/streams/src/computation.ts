import type { Row, Value } from './stream.js';

/** A value that its column cannot hold: the row is refused, for a total must be exact. */
export const TOO_LARGE = Symbol('too large');

/** How a derived column is computed. */
export interface Computation {
  /** in words, for faults: "quantity × price" */
  readonly formula: string;
  /** undefined when an input is unset, null when one is cleared */
  compute(row: Row): Value | typeof TOO_LARGE;
}
