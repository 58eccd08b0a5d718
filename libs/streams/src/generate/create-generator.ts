import type { FieldDefinition, StreamDefinition } from '../definition.js';
import type { CompiledStream, Row } from '../stream.js';
import { timestampOfMs } from '../values/timestamp.js';
import { digestOf } from './dice.js';
import { fakeOrder } from './fake-order.js';
import { presetOf } from '../read/column-readers.js';
import type { Fake } from './fake.js';
import { compileFake } from './fakes.js';
import { faultMaker } from './fault-maker.js';
import { keyLimit } from './key-limit.js';
import { recordLocator } from './locate-record.js';
import { rateCurve, type Ramp, type Rate } from './rate-curve.js';
import { checkTurns } from './turns.js';
import { runIdentity, type RunIdentity } from './run-identity.js';

export interface GeneratorOptions {
  /** 7 and '7' are the same seed */
  readonly seed: number | string;
  /** time of record 0, ms since the epoch */
  readonly startTimeMs: number;
  /** records per second of event time, greater than 0; fractions are fine */
  readonly ratePerSecond: Rate;
  /** how many there are to be, where that is known: runs of another length have other ids */
  readonly count?: number | undefined;
  /** distinct message or partition keys; see `keyLimit`. Default: as many as there are */
  readonly keys?: number | undefined;
  /** share of the records that update an earlier one of the run: 0 (default) to 0.9, in millionths */
  readonly updates?: number | undefined;
  /** share of the records that the sink must refuse: 0 (default) to 0.5, in millionths; one of them is no update */
  readonly faults?: number | undefined;
}

export interface RowGenerator extends RunIdentity {
  /** 16 hexadecimal digits, the same for the same stream name and options */
  readonly runKey: string;
  /**
   * Record `index`, a whole number of 0 or more, with its derived columns unset. A pure function of the stream and the
   * options: any order of calls makes the same records. Throws RangeError for another index.
   */
  row(index: number): Row;
  /** The same before it is broken: `row` differs where `isFault`. */
  soundRow(index: number): Row;
  /**
   * Index of the record that the key of a row names, or undefined when the run has no such key. On streams without
   * generated ids always undefined.
   */
  indexOf(record: Readonly<Record<string, unknown>>): number | undefined;
}

/**
 * A generator of fake records. Throws RangeError for options it cannot use, and Error when a required field of the stream
 * says nothing about how it is faked.
 */
export function createGenerator(stream: CompiledStream, options: GeneratorOptions): RowGenerator {
  const { startTimeMs, updates = 0, faults = 0, keys } = options;
  checkOptions(options);
  const fields = fieldsOf(stream.definition, keys);
  const saltText = saltTextOf(stream.name, options);
  const runKey = digestOf(saltText).toString('hex', 0, 8);
  checkTurns(fields, options.ratePerSecond);
  const columnOf = (name: string): number => fields.findIndex((field) => field.name === name);
  const run = { runKey, startTimeMs, curve: rateCurve(options.ratePerSecond), saltText, fields, columnOf };
  const fakes = fields.map((field): Fake => {
    const fake = field.fake ? compileFake(field, field.fake, run) : () => undefined;
    const preset = presetOf(field);
    return preset === undefined ? fake : (index, row) => fake(index, row) ?? preset;
  });
  const identity = runIdentity({ updates, faults }, saltText);
  const soundRow = rowMaker(fakes, fakeOrder(fields), { ...stream, fields }, identity);
  const breakRow = faults > 0 ? faultMaker(stream.definition, saltText) : undefined;
  const row = (index: number): Row => {
    const made = soundRow(index);
    if (breakRow && identity.isFault(index)) breakRow(index, made);
    return made;
  };
  const indexOf = recordLocator({ ...stream.definition, fields }, run);
  return { runKey, row: breakRow ? row : soundRow, soundRow, indexOf, ...identity };
}

/** What a run does without is not named, so that a plain run has the key it always had. */
function saltTextOf(name: string, options: GeneratorOptions): string {
  const { seed, startTimeMs, ratePerSecond, count, keys, updates = 0, faults = 0 } = options;
  const rate = typeof ratePerSecond === 'number' ? ratePerSecond : rampText(ratePerSecond);
  const plain = [name, String(seed), startTimeMs, rate];
  const isPlain = count === undefined && keys === undefined && updates === 0 && faults === 0;
  return JSON.stringify(isPlain ? plain : [...plain, keys ?? null, updates, faults, count ?? null]);
}

const rampText = ({ from, to, durationMs }: Ramp): string => `${from}..${to}/${durationMs}`;

function fieldsOf(definition: StreamDefinition, keys: number | undefined): readonly FieldDefinition[] {
  const { name: stream, fields } = definition;
  const bare = fields
    .filter((field) => field.required && !field.fake && field.default === undefined)
    .map(({ name }) => name);
  if (bare.length > 0) {
    throw new Error(`Stream ${stream} cannot be generated: add "fake" to its required fields ${bare.join(', ')}.`);
  }
  if (keys === undefined) return fields;
  const { field, fake } = keyLimit(definition, keys);
  return fields.map((each) => (each.name === field ? { ...each, fake } : each));
}

function checkOptions({ startTimeMs, updates = 0, faults = 0 }: GeneratorOptions): void {
  if (timestampOfMs(startTimeMs) === undefined) {
    throw new RangeError(`startTimeMs must be whole milliseconds between the years 1 and 9999, got ${startTimeMs}`);
  }
  if (!(updates >= 0 && updates <= 0.9)) throw new RangeError(`updates must be a share from 0 to 0.9, got ${updates}`);
  if (!(faults >= 0 && faults <= 0.5)) throw new RangeError(`faults must be a share from 0 to 0.5, got ${faults}`);
}

interface RowShape {
  readonly definition: StreamDefinition;
  readonly columns: readonly unknown[];
  readonly fields: readonly FieldDefinition[];
}

/** An update has the keys of the record it updates, and all else of its own. */
function rowMaker(
  fakes: readonly Fake[],
  order: readonly number[],
  { definition, columns, fields }: RowShape,
  identity: RunIdentity,
): (index: number) => Row {
  const { key, primaryKey } = definition;
  const keys = new Set([...key.fields, ...primaryKey.partition, ...primaryKey.clustering.map(({ field }) => field)]);
  const isKey = fields.map(({ name }) => keys.has(name));
  return (index) => {
    if (!Number.isSafeInteger(index) || index < 0)
      throw new RangeError(`A record has an index of 0 or more, got ${index}`);
    const subject = identity.subjectOf(index);
    const row: Row = [];
    for (let c = 0; c < columns.length; c++) row.push(undefined);
    for (const column of order) row[column] = fakes[column]!(isKey[column] ? subject : index, row);
    return row;
  };
}
