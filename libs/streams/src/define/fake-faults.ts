import type { FakeSpec, FieldDefinition, FieldType, StreamDefinition } from '../definition.js';
import { fieldsOfFake } from '../generate/fake-order.js';
import { canonicalDecimal, compareDecimals } from '../values/decimal.js';
import { isScalar, VALUE_READERS } from '../values/value-reader.js';
import { faultAt, type Fault, type Path } from './fault.js';
import { idFaults, isWhole, valueFaults, type FieldByName } from './id-fake-faults.js';

const SCALARS = Object.keys(VALUE_READERS).filter(isScalar);

/** Field types a kind of fake can fill; the kinds that are not named here make text. */
const TYPES_BY_KIND: Readonly<Partial<Record<FakeSpec['kind'], readonly FieldType[]>>> = {
  oneOf: SCALARS,
  oneOfBy: SCALARS,
  int: ['int', 'bigint'],
  decimal: ['decimal'],
  eventTime: ['timestamp', 'date'],
  uuid: ['uuid'],
  turn: SCALARS,
  after: ['timestamp'],
  pastTime: ['timestamp', 'date', 'text'],
  items: ['list'],
};

/** Faults of how fake values are made. */
export function fakeFaults({ fields }: StreamDefinition): Fault[] {
  return [
    ...faultsOf(fields, ['fields']),
    ...fields.flatMap(({ items = [] }, i) => faultsOf(items, ['fields', i, 'items'])),
  ];
}

/** Of fields that can be made from each other. */
function faultsOf(fields: readonly FieldDefinition[], path: Path): Fault[] {
  const fieldByName: FieldByName = new Map(fields.map((field) => [field.name, field]));
  return fields.flatMap((field, i) => {
    const { type, fake } = field;
    // An unknown type is reported with the types; nothing more can be said about it.
    if (!fake || !Object.hasOwn(VALUE_READERS, type)) return [];
    const types = TYPES_BY_KIND[fake.kind] ?? ['text'];
    const faults = types.includes(type)
      ? argumentFaults(field, fake, fieldByName)
      : [`${fake.kind} cannot fill ${type}`];
    return faults.map((text) => faultAt([...path, i, 'fake'], text));
  });
}

function argumentFaults(field: FieldDefinition, fake: FakeSpec, fieldByName: FieldByName): string[] {
  const references = fieldsOfFake(fake);
  const unknown = references.filter((name) => !fieldByName.has(name));
  if (unknown.length > 0) return unknown.map((name) => `"${name}" is not a field`);
  if (references.length > 0 && reaches(field.name, references, fieldByName)) return ['depends on itself'];
  switch (fake.kind) {
    case 'oneOf':
      return [...valueFaults(field.type, fake.values), ...weightFaults(fake)];
    case 'oneOfBy':
      return oneOfByFaults(field.type, fake, fieldByName);
    case 'int':
    case 'decimal':
      return rangeFaults(field, fake);
    case 'after':
      return afterFaults(field, fake, fieldByName);
    case 'items':
      return itemsFaults(field, fake);
    case 'pastTime':
      return isWhole(fake.fromYear, 1, fake.toYear) && isWhole(fake.toYear, 1, 9999)
        ? []
        : ['fromYear and toYear must be years from 1 to 9999, in this order'];
    default:
      return idFaults(field.type, fake, fieldByName);
  }
}

function reaches(target: string, from: readonly string[], fieldByName: FieldByName, seen = new Set<string>()): boolean {
  return from.some((name) => {
    if (name === target) return true;
    if (seen.has(name)) return false;
    seen.add(name);
    const fake = fieldByName.get(name)?.fake;
    return fake !== undefined && reaches(target, fieldsOfFake(fake), fieldByName, seen);
  });
}

function weightFaults({ values, weights }: Extract<FakeSpec, { kind: 'oneOf' }>): string[] {
  if (!weights) return [];
  if (weights.length !== values.length) return [`has ${weights.length} weights for ${values.length} values`];
  return weights.every((weight) => weight > 0) ? [] : ['weights must be greater than 0'];
}

type OneOfBy = Extract<FakeSpec, { kind: 'oneOfBy' }>;

function oneOfByFaults(type: FieldType, { field, values }: OneOfBy, fieldByName: FieldByName): string[] {
  const other = fieldByName.get(field)!.fake;
  if (other?.kind !== 'oneOf') return [`needs the fake of "${field}" to be oneOf`];
  const without = other.values.filter((value) => !Object.hasOwn(values, value));
  return [
    ...without.map((value) => `has no values for "${value}" of "${field}"`),
    ...Object.values(values).flatMap((list) => valueFaults(type, list)),
  ];
}

type Range = Extract<FakeSpec, { kind: 'int' | 'decimal' }>;

function rangeFaults(field: FieldDefinition, fake: Range): string[] {
  const faults = fake.kind === 'int' ? intRangeFaults(fake) : decimalRangeFaults(fake);
  if (faults.length > 0) return faults;
  const reader = VALUE_READERS[field.type];
  const [min, max] = [String(fake.min), String(fake.max)];
  // Bounds that are no decimals are reported with the bounds.
  const [least, most] = [canonicalDecimal(field.min ?? min) ?? min, canonicalDecimal(field.max ?? max) ?? max];
  const isInside = compareDecimals(min, least) >= 0 && compareDecimals(max, most) <= 0;
  const areReadable = reader.fromText(min) !== undefined && reader.fromText(max) !== undefined;
  return isInside && areReadable ? [] : ['min and max must be inside the bounds of the field'];
}

function intRangeFaults({ min, max }: Extract<FakeSpec, { kind: 'int' }>): string[] {
  const areSafe = Number.isSafeInteger(min) && Number.isSafeInteger(max) && min <= max;
  return areSafe ? [] : ['min and max must be whole numbers within 2^53, in this order'];
}

function decimalRangeFaults({ min, max, scale }: Extract<FakeSpec, { kind: 'decimal' }>): string[] {
  if (!isWhole(scale, 0, 15)) return ['scale must be a whole number from 0 to 15'];
  const arePlain = [min, max].every((text) => canonicalDecimal(text) === text && fractionLength(text) <= scale);
  if (!arePlain) return [`min and max must be plain decimals with at most ${scale} digits after the point`];
  const areSafe = [min, max].every((text) => Number.isSafeInteger(Math.round(Number(text) * 10 ** scale)));
  return areSafe && compareDecimals(min, max) <= 0 ? [] : ['min and max must be below 15 digits, in this order'];
}

/** Each item of each record has dice of its own, which are numbered by `max`. */
function itemsFaults({ items = [] }: FieldDefinition, { min, max }: Extract<FakeSpec, { kind: 'items' }>): string[] {
  const bare = items.filter(({ required, fake }) => required && !fake).map(({ name }) => name);
  return [
    ...(isWhole(min, 1, max) && isWhole(max, 1, 100) ? [] : ['min and max must be whole numbers from 1 to 100']),
    ...(bare.length > 0 ? [`needs the required ${bare.join(', ')} of the items to have a fake`] : []),
  ];
}

const fractionLength = (text: string): number => text.split('.')[1]?.length ?? 0;

type After = Extract<FakeSpec, { kind: 'after' }>;

function afterFaults(owner: FieldDefinition, fake: After, fields: FieldByName): string[] {
  const { field, minMs, maxMs, blankShare = 0, granularityMs, onlyFor } = fake;
  const faults: string[] = [];
  const source = fields.get(field)!;
  if (source.type !== 'timestamp') faults.push(`needs "${field}" to be a timestamp`);
  if (owner.required && (blankShare > 0 || onlyFor || !source.required)) {
    faults.push('would leave out a required field: it must come after a required one, without blankShare and onlyFor');
  }
  if (!isWhole(minMs, 0, maxMs) || !Number.isSafeInteger(maxMs)) {
    faults.push('minMs and maxMs must be whole numbers of 0 or more, in this order');
  }
  if (granularityMs !== undefined && !isWhole(granularityMs, 1, minMs + 1)) {
    faults.push('granularityMs must be a whole number from 1 to minMs + 1, or a value could come before its field');
  }
  if (blankShare < 0 || blankShare > 1) faults.push('blankShare must be from 0 to 1');
  if (onlyFor && fields.get(onlyFor.field)!.type !== 'text') faults.push(`needs "${onlyFor.field}" to be text`);
  return faults;
}
