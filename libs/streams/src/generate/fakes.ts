import type { FakeSpec, FieldDefinition, FieldType } from '../definition.js';
import type { Value } from '../stream.js';
import { DAY_MS, daysOfCalendarDay } from '../values/calendar.js';
import { decimalOfUnscaled } from '../values/decimal.js';
import { formatDays, formatTimestamp, MAX_TIMESTAMP_MS } from '../values/timestamp.js';
import { VALUE_READERS } from '../values/value-reader.js';
import { CATALOGUE } from './catalogue.js';
import { Dice, saltOf } from './dice.js';
import type { Fake, FakeRun } from './fake.js';
import { digits, hex, runId, turn, uuidOf } from './id-fakes.js';
import { itemFake } from './item-fakes.js';
import { personFake } from './people.js';

type SpecOf<K extends FakeSpec['kind']> = Extract<FakeSpec, { kind: K }>;

/** Compiles how one field is faked. Each field has dice of its own, so that a new field leaves the others as they are. */
export function compileFake(field: FieldDefinition, fake: FakeSpec, run: FakeRun): Fake {
  const salt = saltOf(`${run.saltText}|${field.name}`);
  const dice = new Dice(salt);
  switch (fake.kind) {
    case 'runId':
      return runId(fake, run.runKey);
    case 'turn':
      return turn(storedValues(field.type, fake.values), roundOf(fake.field, run));
    case 'uuid':
      return (index) => uuidOf(salt, index);
    case 'digits':
      return digits(fake, salt, dice);
    case 'catalogue':
      return catalogue(fake, dice, run);
    case 'hex':
      return hex(fake, salt, dice);
    case 'oneOf':
      return oneOf(field.type, fake, dice);
    case 'oneOfBy':
      return oneOfBy(field.type, fake, dice, run);
    case 'int':
      return int(field.type, fake, dice);
    case 'decimal':
      return decimal(fake, dice);
    case 'eventTime':
      return eventTime(field.type, fake, dice, run);
    case 'after':
      return after(fake, dice, run);
    case 'pastTime':
      return pastTime(field.type, fake, dice);
    case 'items':
      return items(field, fake, dice, run);
    default:
      return personFake(fake.kind, new Dice(saltOf(`${run.saltText}||person`)), dice);
  }
}

/** Fakes of the items of a list have dice of their own. */
function items(field: FieldDefinition, fake: SpecOf<'items'>, dice: Dice, run: FakeRun): Fake {
  const { name, items: fields = [] } = field;
  const columnOf = (item: string): number => fields.findIndex((each) => each.name === item);
  const itemRun = { ...run, fields, saltText: `${run.saltText}|${name}`, columnOf };
  const fakes = fields.map((item): Fake => (item.fake ? compileFake(item, item.fake, itemRun) : () => undefined));
  return itemFake(field, fake, fakes, dice);
}

/** Time of record `index` in its run, ms since the epoch; throws RangeError after the year 9999. */
function eventTimeMs({ startTimeMs, curve }: FakeRun, index: number): number {
  const ms = startTimeMs + Math.floor(curve.msOf(index));
  if (ms > MAX_TIMESTAMP_MS)
    throw new RangeError(`Record ${index} lies after the year 9999: raise the rate or start earlier.`);
  return ms;
}

function eventTime(type: FieldType, { plusDays }: SpecOf<'eventTime'>, dice: Dice, run: FakeRun): Fake {
  if (type !== 'date') return (index) => eventTimeMs(run, index);
  const { min, max } = plusDays ?? { min: 0, max: 0 };
  return (index) => {
    dice.seat(index);
    const day = Math.floor(eventTimeMs(run, index) / DAY_MS) + min + dice.below(max - min + 1);
    return formatDays(Math.min(day, LAST_DAY));
  };
}

const LAST_DAY = Math.floor(MAX_TIMESTAMP_MS / DAY_MS);

/** How many records the values of a runId with `distinct` take. */
function roundOf(name: string, { fields }: FakeRun): number {
  const fake = fields.find((field) => field.name === name)?.fake;
  return fake?.kind === 'runId' ? (fake.distinct ?? 1) : 1;
}

function catalogue({ list, by }: SpecOf<'catalogue'>, dice: Dice, run: FakeRun): Fake {
  const entries = CATALOGUE[list];
  const column = by === undefined ? -1 : run.columnOf(by);
  return (index, row) => {
    dice.seat(by === undefined ? index : numberOf(String(row[column])));
    return entries[dice.below(entries.length)];
  };
}

/** A number that depends on the text and nothing else (FNV-1a). */
function numberOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Values as the field stores them; the definition has been checked, so each can be read. */
const storedValues = (type: FieldType, values: readonly string[]): readonly Value[] =>
  values.map((value) => VALUE_READERS[type].fromText(value));

function oneOf(type: FieldType, { values, weights }: SpecOf<'oneOf'>, dice: Dice): Fake {
  const stored = storedValues(type, values);
  if (!weights) {
    return (index) => {
      dice.seat(index);
      return stored[dice.below(stored.length)];
    };
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return (index) => {
    dice.seat(index);
    let rest = dice.share() * total;
    const hit = weights.findIndex((weight) => (rest -= weight) < 0);
    // Rounding of the sums may leave a rest at the very end.
    return stored[hit < 0 ? stored.length - 1 : hit];
  };
}

function oneOfBy(type: FieldType, { field, values }: SpecOf<'oneOfBy'>, dice: Dice, run: FakeRun): Fake {
  const column = run.columnOf(field);
  const storedByText = new Map(Object.entries(values).map(([text, list]) => [text, storedValues(type, list)]));
  return (index, row) => {
    const stored = storedByText.get(String(row[column]))!;
    dice.seat(index);
    return stored[dice.below(stored.length)];
  };
}

function int(type: FieldType, { min, max }: SpecOf<'int'>, dice: Dice): Fake {
  const count = max - min + 1;
  return (index) => {
    dice.seat(index);
    const value = min + dice.below(count);
    return type === 'bigint' ? String(value) : value;
  };
}

function decimal({ min, max, scale }: SpecOf<'decimal'>, dice: Dice): Fake {
  const least = Math.round(Number(min) * 10 ** scale);
  const count = Math.round(Number(max) * 10 ** scale) - least + 1;
  return (index) => {
    dice.seat(index);
    return decimalOfUnscaled(String(least + dice.below(count)), scale);
  };
}

function after(spec: SpecOf<'after'>, dice: Dice, run: FakeRun): Fake {
  const { minMs, maxMs, granularityMs = 1, blankShare = 0, onlyFor } = spec;
  const column = run.columnOf(spec.field);
  const conditionColumn = onlyFor ? run.columnOf(onlyFor.field) : -1;
  const wanted = new Set<Value>(onlyFor?.values);
  return (index, row) => {
    const fromMs = row[column];
    if (typeof fromMs !== 'number' || (onlyFor && !wanted.has(row[conditionColumn]))) return undefined;
    dice.seat(index);
    if (dice.share() < blankShare) return undefined;
    const ms = Math.min(fromMs + minMs + dice.below(maxMs - minMs + 1), MAX_TIMESTAMP_MS);
    return Math.floor(ms / granularityMs) * granularityMs;
  };
}

function pastTime(type: FieldType, { fromYear, toYear }: SpecOf<'pastTime'>, dice: Dice): Fake {
  const firstDay = daysOfCalendarDay(fromYear, 1, 1);
  const days = daysOfCalendarDay(toYear, 12, 31) - firstDay + 1;
  return (index) => {
    dice.seat(index);
    const day = firstDay + dice.below(days);
    if (type === 'date') return formatDays(day);
    const ms = day * DAY_MS + dice.below(DAY_MS / 1000) * 1000;
    return type === 'timestamp' ? ms : formatTimestamp(ms);
  };
}
