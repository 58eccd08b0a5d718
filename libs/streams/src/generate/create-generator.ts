import type { CompiledStream, Row } from '../stream.js';
import { timestampOfMs } from '../values/timestamp.js';
import { digestOf } from './dice.js';
import { fakeOrder } from './fake-order.js';
import { compileFake, type Fake } from './fakes.js';

export interface GeneratorOptions {
  /** 7 and '7' are the same seed */
  readonly seed: number | string;
  /** time of record 0, ms since the epoch */
  readonly startTimeMs: number;
  /** records per second of event time, greater than 0; fractions are fine */
  readonly ratePerSecond: number;
}

export interface RowGenerator {
  /** 16 hexadecimal digits, the same for the same stream name and options */
  readonly runKey: string;
  /**
   * Record `index`, a whole number of 0 or more, with its derived columns unset. A pure function of the stream and the
   * options: any order of calls makes the same records. Throws RangeError for another index.
   */
  row(index: number): Row;
}

/**
 * A generator of fake records. Throws RangeError for options it cannot use, and Error when a required field of the stream
 * says nothing about how it is faked.
 */
export function createGenerator(stream: CompiledStream, options: GeneratorOptions): RowGenerator {
  const { fields } = stream.definition;
  const { startTimeMs, ratePerSecond } = options;
  checkOptions(options);
  const bare = fields.filter(({ required, fake }) => required && !fake).map(({ name }) => name);
  if (bare.length > 0) {
    throw new Error(`Stream ${stream.name} cannot be generated: add "fake" to its required fields ${bare.join(', ')}.`);
  }
  const saltText = JSON.stringify([stream.name, String(options.seed), startTimeMs, ratePerSecond]);
  const runKey = digestOf(saltText).toString('hex', 0, 8);
  const columnOf = (name: string): number => fields.findIndex((field) => field.name === name);
  const run = { runKey, startTimeMs, ratePerSecond, saltText, columnOf };
  const fakes = fields.map((field): Fake => (field.fake ? compileFake(field, field.fake, run) : () => undefined));
  return { runKey, row: rowMaker(fakes, fakeOrder(fields), stream.columns.length) };
}

function checkOptions({ startTimeMs, ratePerSecond }: GeneratorOptions): void {
  if (timestampOfMs(startTimeMs) === undefined) {
    throw new RangeError(`startTimeMs must be whole milliseconds between the years 1 and 9999, got ${startTimeMs}`);
  }
  if (!Number.isFinite(ratePerSecond) || ratePerSecond <= 0) {
    throw new RangeError(`ratePerSecond must be a number greater than 0, got ${ratePerSecond}`);
  }
}

function rowMaker(fakes: readonly Fake[], order: readonly number[], width: number): (index: number) => Row {
  return (index) => {
    if (!Number.isSafeInteger(index) || index < 0)
      throw new RangeError(`A record has an index of 0 or more, got ${index}`);
    const row: Row = [];
    for (let c = 0; c < width; c++) row.push(undefined);
    for (const column of order) row[column] = fakes[column]!(index, row);
    return row;
  };
}
