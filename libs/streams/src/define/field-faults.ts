import type { DerivedField, FieldDefinition, FieldType, StreamDefinition } from '../definition.js';
import { canonicalDecimal, compareDecimals } from '../values/decimal.js';
import { VALUE_READERS } from '../values/value-reader.js';

const NUMERIC: readonly FieldType[] = ['int', 'bigint', 'decimal'];

/** Faults of types and bounds, and of what derived fields are made of. */
export function fieldFaults({ fields, derived }: StreamDefinition): string[] {
  const typeByField = new Map(fields.map(({ name, type }) => [name, type]));
  return [
    ...[...fields, ...derived].flatMap(typeFaults),
    ...fields.flatMap(boundFaults),
    ...derived.flatMap((field) => derivationFaults(field, typeByField)),
  ];
}

const typeFaults = ({ name, type }: FieldDefinition | DerivedField): string[] =>
  Object.hasOwn(VALUE_READERS, type)
    ? []
    : [`field "${name}": type "${type}" must be one of ${Object.keys(VALUE_READERS).join(', ')}`];

function boundFaults({ name, type, min, max }: FieldDefinition): string[] {
  if (min === undefined && max === undefined) return [];
  if (!NUMERIC.includes(type)) return [`field "${name}": min and max are for ${NUMERIC.join(', ')}, not for ${type}`];
  const faults = [
    ...(min === undefined ? [] : boundFault(name, 'min', type, min)),
    ...(max === undefined ? [] : boundFault(name, 'max', type, max)),
  ];
  if (faults.length > 0 || min === undefined || max === undefined) return faults;
  return compareDecimals(min, max) > 0 ? [`field "${name}": min ${min} is above max ${max}`] : [];
}

function boundFault(name: string, bound: string, type: FieldType, text: string): string[] {
  const value = VALUE_READERS[type].fromText(text);
  // Canonical, because bounds are compared as canonical decimals.
  const isCanonical = value !== undefined && canonicalDecimal(text) === text;
  return isCanonical
    ? []
    : [`field "${name}": ${bound} "${text}" must be ${VALUE_READERS[type].expected}, plainly written`];
}

function derivationFaults({ name, type, from }: DerivedField, typeByField: ReadonlyMap<string, FieldType>): string[] {
  const result = { product: 'decimal', hourOf: 'int', weekdayOf: 'text' }[from.kind];
  const inputTypes = from.kind === 'product' ? NUMERIC : (['timestamp'] as const);
  const inputs = typeof from.of === 'string' ? [from.of] : from.of;
  return [
    ...(type === result ? [] : [`derived field "${name}": ${from.kind} makes ${result}, not ${type}`]),
    ...inputs.flatMap((input) => {
      const inputType = typeByField.get(input);
      if (inputType === undefined) return [`derived field "${name}": "${input}" is not a field`];
      const fits = inputTypes.includes(inputType);
      return fits
        ? []
        : [`derived field "${name}": ${from.kind} needs ${inputTypes.join(', ')}, but "${input}" is ${inputType}`];
    }),
  ];
}
