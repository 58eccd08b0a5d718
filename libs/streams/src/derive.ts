import type { RowFault } from '@orderstream/contracts';
import { TOO_LARGE, type Computation } from './computation.js';
import type { DerivedField, FieldType, StreamDefinition } from './definition.js';
import { itemsReader, listComputation } from './derive-lists.js';
import { shown, rowFaultsOf } from './read/row-fault.js';
import type { Row, RowFaults, Value } from './stream.js';
import { DAY_MS } from './values/calendar.js';
import { compareDecimals, multiplyDecimals } from './values/decimal.js';
import { textOfValue } from './values/present-value.js';
import { formatDays } from './values/timestamp.js';

/** 1970-01-01 was a Thursday. */
const WEEKDAY_FROM_EPOCH: readonly string[] = [
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
];

interface Derivative extends Computation {
  readonly name: string;
  readonly type: FieldType;
  readonly column: number;
}

/** Compiles the derived columns of a stream; see `CompiledStream.derive`. */
export function deriver(definition: StreamDefinition): (row: Row) => RowFaults | undefined {
  const columnByName = new Map(definition.fields.map(({ name }, column) => [name, column]));
  const itemsOf = itemsReader();
  const derivatives = definition.derived.map((field, i): Derivative => ({
    name: field.name,
    type: field.type,
    column: definition.fields.length + i,
    ...computationOf(field, (name) => columnByName.get(name)!, itemsOf),
  }));
  return (row) => {
    let faults: RowFault[] | undefined;
    for (const derivative of derivatives) {
      const { column } = derivative;
      const given = row[column];
      const computed = derivative.compute(row);
      if (computed === TOO_LARGE) (faults ??= []).push(tooLarge(derivative));
      else if (given != null && !isSame(derivative.type, given, computed)) {
        (faults ??= []).push(mismatch(derivative, given, computed));
      }
      row[column] = computed === TOO_LARGE ? undefined : computed;
    }
    return rowFaultsOf(faults);
  };
}

function computationOf(
  { from, type }: DerivedField,
  columnOf: (name: string) => number,
  itemsOf: ReturnType<typeof itemsReader>,
): Computation {
  switch (from.kind) {
    case 'product':
      return product(from.of, columnOf(from.of[0]), columnOf(from.of[1]));
    case 'hourOf':
      return ofTimestamp(`the UTC hour of ${from.of}`, columnOf(from.of), hourOf);
    case 'weekdayOf':
      return ofTimestamp(`the UTC day of the week of ${from.of}`, columnOf(from.of), weekdayOf);
    case 'dayOf':
      return ofTimestamp(`the UTC date of ${from.of}`, columnOf(from.of), dayOf);
    case 'sumOf':
    case 'listOf':
      return listComputation(from, type, columnOf(from.list), itemsOf);
  }
}

const product = (names: readonly [string, string], a: number, b: number): Computation => ({
  formula: names.join(' × '),
  compute: (row) => {
    const left = row[a];
    const right = row[b];
    if (left === null || right === null) return null;
    return left === undefined || right === undefined ? undefined : multiplyDecimals(String(left), String(right));
  },
});

const ofTimestamp = (formula: string, column: number, compute: (ms: number) => Value): Computation => ({
  formula,
  compute: (row) => {
    const ms = row[column];
    return typeof ms === 'number' ? compute(ms) : ms === null ? null : undefined;
  },
});

const floorMod = (n: number, divisor: number): number => ((n % divisor) + divisor) % divisor;

const hourOf = (ms: number): number => Math.floor(floorMod(ms, DAY_MS) / 3_600_000);

const weekdayOf = (ms: number): string => WEEKDAY_FROM_EPOCH[floorMod(Math.floor(ms / DAY_MS), 7)]!;

const dayOf = (ms: number): string => formatDays(Math.floor(ms / DAY_MS));

const isSame = (type: FieldType, given: Value, computed: Value): boolean =>
  type === 'decimal' && computed != null
    ? compareDecimals(given as string, computed as string) === 0
    : given === computed;

function mismatch({ name, type, formula }: Derivative, given: Value, computed: Value): RowFault {
  const value = textOfValue(type, given);
  const reason =
    computed == null
      ? `${name} is ${shown(value)}, but ${formula} cannot be computed, as an input is not set. Leave ${name} out.`
      : `${name} is ${shown(value)}, but ${formula} is ${shown(textOfValue(type, computed))}. Leave it out or correct it.`;
  return { code: 'derived_mismatch', reason, column: name, value };
}

function tooLarge({ name, formula }: Derivative): RowFault {
  const reason = `${formula} is more than ${name} can hold. Correct the items and send the row again.`;
  return { code: 'out_of_range', reason, column: name };
}
