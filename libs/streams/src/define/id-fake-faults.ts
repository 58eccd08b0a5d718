import type { FakeSpec, FieldDefinition, FieldType } from '../definition.js';
import { CATALOGUE } from '../generate/catalogue.js';
import { VALUE_READERS } from '../values/value-reader.js';

export type FieldByName = ReadonlyMap<string, FieldDefinition>;

export const isWhole = (value: number, min: number, max: number): boolean =>
  Number.isInteger(value) && value >= min && value <= max;

/** Faults of the fakes that tell records apart, or are told apart by them. */
export function idFaults(type: FieldType, fake: FakeSpec, fieldByName: FieldByName): string[] {
  switch (fake.kind) {
    case 'hex':
      return [...lengthFaults(fake.length, 256), ...distinctFaults(fake)];
    case 'digits':
      return [...lengthFaults(fake.length, 12), ...distinctFaults(fake)];
    case 'runId':
      return distinctFaults(fake);
    case 'turn':
      return [...valueFaults(type, fake.values), ...turnFaults(fake, fieldByName)];
    case 'catalogue':
      return Object.hasOwn(CATALOGUE, fake.list) ? [] : [`list must be one of ${Object.keys(CATALOGUE).join(', ')}`];
    case 'eventTime':
      return plusDaysFaults(type, fake);
    default:
      return [];
  }
}

const lengthFaults = (length: number, most: number): string[] =>
  isWhole(length, 1, most) ? [] : [`length must be a whole number from 1 to ${most}`];

const distinctFaults = ({ distinct = 1 }: { readonly distinct?: number }): string[] =>
  isWhole(distinct, 1, 1_000_000_000) ? [] : ['distinct must be a whole number from 1 to 1000000000'];

function turnFaults({ field }: Extract<FakeSpec, { kind: 'turn' }>, fieldByName: FieldByName): string[] {
  const other = fieldByName.get(field)!.fake;
  return other?.kind === 'runId' && other.distinct !== undefined
    ? []
    : [`needs the fake of "${field}" to be runId with distinct`];
}

function plusDaysFaults(type: FieldType, { plusDays }: Extract<FakeSpec, { kind: 'eventTime' }>): string[] {
  if (!plusDays) return [];
  if (type !== 'date') return [`plusDays is for date, not for ${type}`];
  const { min, max } = plusDays;
  return isWhole(min, 0, max) && isWhole(max, 0, 100_000)
    ? []
    : ['plusDays must be whole numbers from 0 to 100000, in this order'];
}

export function valueFaults(type: FieldType, values: readonly string[]): string[] {
  if (values.length === 0) return ['values must not be empty'];
  const bad = values.filter((value) => value === '' || VALUE_READERS[type].fromText(value) === undefined);
  return bad.map((value) => `value "${value}" must be ${VALUE_READERS[type].expected}`);
}
