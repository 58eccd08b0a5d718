import type { DerivedField, FieldDefinition, FieldType, StreamDefinition } from '../definition.js';
import { VALUE_READERS } from '../values/value-reader.js';
import { boundFaults, NUMERIC } from './bound-faults.js';
import { DERIVATIONS } from './definition-shape.js';
import { faultAt, type Fault, type Path } from './fault.js';
import { cqlFaults } from './cql-faults.js';
import { itemFaults, listDerivationFaults } from './list-faults.js';

/** Faults of types and bounds, of the items of lists, and of what derived fields are made of. */
export function fieldFaults(definition: StreamDefinition): Fault[] {
  const { fields, derived } = definition;
  const typeByField = new Map(fields.map(({ name, type }) => [name, type]));
  return [
    ...fields.flatMap((field, i) => {
      const path = ['fields', i];
      return [
        ...typeFaults(field, path),
        ...boundFaults(field, path),
        ...itemFaults(field, path),
        ...cqlFaults(field, definition, path),
      ];
    }),
    ...derived.flatMap((field, i) => {
      const path = ['derived', i];
      return [...typeFaults(field, path), ...derivationFaults(field, path, typeByField, fields)];
    }),
  ];
}

const typeFaults = ({ type }: FieldDefinition | DerivedField, path: Path): Fault[] =>
  Object.hasOwn(VALUE_READERS, type)
    ? []
    : [faultAt([...path, 'type'], `"${type}" must be one of ${Object.keys(VALUE_READERS).join(', ')}`)];

function derivationFaults(
  derived: DerivedField,
  path: Path,
  typeByField: ReadonlyMap<string, FieldType>,
  fields: readonly FieldDefinition[],
): Fault[] {
  const { type, from } = derived;
  // An unknown kind is reported with the shape; nothing more can be said about it.
  if (!Object.hasOwn(DERIVATIONS, from.kind)) return [];
  if ('list' in from) return listDerivationFaults(derived, from, fields, path);
  const result = { product: 'decimal', hourOf: 'int', weekdayOf: 'text', dayOf: 'date' }[from.kind];
  const inputTypes = from.kind === 'product' ? NUMERIC : (['timestamp'] as const);
  const inputs = typeof from.of === 'string' ? [from.of] : from.of;
  return [
    ...(type === result ? [] : [faultAt([...path, 'type'], `${from.kind} makes ${result}, not ${type}`)]),
    ...inputs.flatMap((input) => {
      const inputType = typeByField.get(input);
      if (inputType !== undefined && inputTypes.includes(inputType)) return [];
      const text =
        inputType === undefined
          ? `"${input}" is not a field`
          : `${from.kind} needs ${inputTypes.join(', ')}, but "${input}" is ${inputType}`;
      return [faultAt([...path, 'from', 'of'], text)];
    }),
  ];
}
