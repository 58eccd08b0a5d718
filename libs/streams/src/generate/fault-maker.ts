import type { FieldDefinition, StreamDefinition } from '../definition.js';
import type { Row, Value } from '../stream.js';
import { Dice, saltOf } from './dice.js';

interface Breakage {
  readonly column: number;
  /** what makes the row fail; undefined leaves the required field out */
  readonly value: Value;
}

/**
 * Breaks a row of the stream in one of the ways its definition offers: a required field left out, or a number below its
 * minimum. Its keys stay as long as anything else can be broken. Throws RangeError for a stream where nothing can fail.
 */
export function faultMaker(definition: StreamDefinition, saltText: string): (index: number, row: Row) => void {
  const breakages = breakagesOf(definition);
  const dice = new Dice(saltOf(`${saltText}||breakages`));
  return (index, row) => {
    dice.seat(index);
    const { column, value } = breakages[dice.below(breakages.length)]!;
    row[column] = value;
  };
}

function breakagesOf({ name, fields, key, primaryKey }: StreamDefinition): Breakage[] {
  const keys = new Set([...key.fields, ...primaryKey.partition, ...primaryKey.clustering.map(({ field }) => field)]);
  const all = fields.map((field, column) => ({ field, column }));
  const breakages = all
    .filter(({ field }) => !keys.has(field.name))
    .flatMap(({ field, column }) => waysOf(field, column));
  if (breakages.length > 0) return breakages;
  const ofKeys = all.flatMap(({ field, column }) => waysOf(field, column));
  if (ofKeys.length === 0)
    throw new RangeError(`faults: no record of stream ${name} can be made to fail; leave it out`);
  return ofKeys;
}

function waysOf({ type, required, min, default: preset }: FieldDefinition, column: number): Breakage[] {
  const ways: Breakage[] = [];
  if (required && preset === undefined) ways.push({ column, value: undefined });
  if (min !== undefined) {
    const below = Math.floor(Number(min)) - 1;
    if (Number.isSafeInteger(below)) ways.push({ column, value: type === 'int' ? below : String(below) });
  }
  return ways;
}
