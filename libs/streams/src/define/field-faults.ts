import type { DerivedField, FieldDefinition, FieldType, StreamDefinition } from '../definition.js';
import { VALUE_READERS } from '../values/value-reader.js';
import { boundFaults, NUMERIC } from './bound-faults.js';
import { itemFaults, listDerivationFaults } from './list-faults.js';

/** Faults of types and bounds, of the items of lists, and of what derived fields are made of. */
export function fieldFaults({ fields, derived }: StreamDefinition): string[] {
  const typeByField = new Map(fields.map(({ name, type }) => [name, type]));
  return [
    ...[...fields, ...derived].flatMap(typeFaults),
    ...fields.flatMap(boundFaults),
    ...fields.flatMap(itemFaults),
    ...derived.flatMap((field) => derivationFaults(field, typeByField, fields)),
  ];
}

const typeFaults = ({ name, type }: FieldDefinition | DerivedField): string[] =>
  Object.hasOwn(VALUE_READERS, type)
    ? []
    : [`field "${name}": type "${type}" must be one of ${Object.keys(VALUE_READERS).join(', ')}`];

function derivationFaults(
  derived: DerivedField,
  typeByField: ReadonlyMap<string, FieldType>,
  fields: readonly FieldDefinition[],
): string[] {
  const { name, type, from } = derived;
  if ('list' in from) return listDerivationFaults(derived, from, fields);
  const result = { product: 'decimal', hourOf: 'int', weekdayOf: 'text', dayOf: 'date' }[from.kind];
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
