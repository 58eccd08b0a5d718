import type { RowFault } from '@orderstream/contracts';
import type { DerivedField, FieldType, StreamDefinition } from './definition.js';
import { shown, rowFaultsOf } from './read/row-fault.js';
import type { Row, RowFaults, Value } from './stream.js';
import { DAY_MS } from './values/calendar.js';
import { compareDecimals, multiplyDecimals } from './values/decimal.js';
import { textOfValue } from './values/present-value.js';

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

interface Derivative {
  readonly name: string;
  readonly type: FieldType;
  readonly column: number;
  /** in words, for faults: "quantity × price" */
  readonly formula: string;
  /** undefined when an input is unset, null when one is cleared */
  compute(row: Row): Value;
}

type Computation = Pick<Derivative, 'formula' | 'compute'>;

/** Compiles the derived columns of a stream; see `CompiledStream.derive`. */
export function deriver(definition: StreamDefinition): (row: Row) => RowFaults | undefined {
  const columnByName = new Map(definition.fields.map(({ name }, column) => [name, column]));
  const derivatives = definition.derived.map((field, i): Derivative => ({
    name: field.name,
    type: field.type,
    column: definition.fields.length + i,
    ...computationOf(field, (name) => columnByName.get(name)!),
  }));
  return (row) => {
    let faults: RowFault[] | undefined;
    for (const derivative of derivatives) {
      const { column } = derivative;
      const given = row[column];
      const computed = derivative.compute(row);
      if (given != null && !isSame(derivative.type, given, computed)) {
        (faults ??= []).push(mismatch(derivative, given, computed));
      }
      row[column] = computed;
    }
    return rowFaultsOf(faults);
  };
}

function computationOf({ from }: DerivedField, columnOf: (name: string) => number): Computation {
  switch (from.kind) {
    case 'product':
      return product(from.of, columnOf(from.of[0]), columnOf(from.of[1]));
    case 'hourOf':
      return ofTimestamp(`the UTC hour of ${from.of}`, columnOf(from.of), hourOf);
    case 'weekdayOf':
      return ofTimestamp(`the UTC day of the week of ${from.of}`, columnOf(from.of), weekdayOf);
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
