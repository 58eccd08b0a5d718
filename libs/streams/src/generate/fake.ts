import type { FieldDefinition } from '../definition.js';
import type { Row, Value } from '../stream.js';
import type { RateCurve } from './rate-curve.js';

/** What the fakes of a run know of it. */
export interface FakeRun {
  readonly runKey: string;
  readonly startTimeMs: number;
  readonly curve: RateCurve;
  /** text that, with a field's name, gives the salt of its dice */
  readonly saltText: string;
  /** the fields that values can be made from, as this run makes them */
  readonly fields: readonly FieldDefinition[];
  columnOf(field: string): number;
}

/** Makes the value of one field for record `index`; `row` holds the values it is made from. */
export type Fake = (index: number, row: Row) => Value;
