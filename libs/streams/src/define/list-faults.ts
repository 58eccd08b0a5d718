import type { DerivedField, Derivation, FieldDefinition, FieldType, ItemField } from '../definition.js';
import { isScalar, VALUE_READERS } from '../values/value-reader.js';
import { boundFaults, NUMERIC } from './bound-faults.js';
import { faultAt, type Fault, type Path } from './fault.js';
import { SNAKE_CASE } from './name-faults.js';

/** Faults of the items of a list, and of items where there is no list. */
export function itemFaults({ type, items }: FieldDefinition, path: Path): Fault[] {
  if (type !== 'list') return items ? [faultAt([...path, 'items'], `items are for list, not for ${type}`)] : [];
  if (!items || items.length === 0) return [faultAt(path, 'a list needs items with at least one field')];
  const names = items.map((item) => item.name);
  return items.flatMap((item, i) => {
    const place = [...path, 'items', i];
    const again = names.indexOf(item.name) < i;
    return [
      ...(again ? [faultAt([...place, 'name'], `"${item.name}" is defined twice`)] : []),
      ...itemFieldFaults(item, place),
    ];
  });
}

function itemFieldFaults(item: ItemField, path: Path): Fault[] {
  const types: readonly string[] = Object.keys(VALUE_READERS).filter(isScalar);
  if (!types.includes(item.type)) {
    return [faultAt([...path, 'type'], `"${item.type}" must be one of ${types.join(', ')}: items are flat`)];
  }
  const nameFault = `"${item.name}" must be snake_case: small letters, digits and single underscores`;
  return [...(SNAKE_CASE.test(item.name) ? [] : [faultAt([...path, 'name'], nameFault)]), ...boundFaults(item, path)];
}

/** Faults of a column that is derived from the items of a list. */
export function listDerivationFaults(
  derived: DerivedField,
  from: Extract<Derivation, { readonly list: string }>,
  fields: readonly FieldDefinition[],
  path: Path,
): Fault[] {
  const list = fields.find(({ name }) => name === from.list);
  if (!list?.items) return [faultAt([...path, 'from', 'list'], `"${from.list}" is not a list`)];
  const faults =
    from.kind === 'listOf' ? textFaults(derived, from.of, list.items) : sumFaults(derived, from.of, list.items);
  return faults.map((text) => faultAt([...path, 'from'], text));
}

function textFaults({ type }: DerivedField, of: string, items: readonly ItemField[]): string[] {
  return [...(type === 'text' ? [] : [`listOf makes text, not ${type}`]), ...inputFaults(of, ['text'], items)];
}

/** Without an input there is no sum, so each must be required. */
function sumFaults({ type }: DerivedField, of: readonly string[], items: readonly ItemField[]): string[] {
  if (of.length < 1 || of.length > 2) return ['sumOf needs one field of the items, or two whose product is added up'];
  const inputs = type === 'int' ? (['int'] as const) : NUMERIC;
  const faults = of.flatMap((field) => inputFaults(field, inputs, items));
  if (type === 'int' && of.length === 2) faults.push('a sum of products is decimal, not int');
  if (type !== 'int' && type !== 'decimal') faults.push(`sumOf makes decimal, or int of one int, not ${type}`);
  return faults;
}

function inputFaults(field: string, types: readonly FieldType[], items: readonly ItemField[]): string[] {
  const item = items.find(({ name }) => name === field);
  if (!item) return [`"${field}" is not a field of the items`];
  return [
    ...(types.includes(item.type) ? [] : [`needs ${types.join(', ')}, but "${field}" is ${item.type}`]),
    ...(item.required ? [] : [`"${field}" of the items must be required`]),
  ];
}
