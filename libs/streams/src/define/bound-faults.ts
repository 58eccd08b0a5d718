import type { FieldDefinition, FieldType } from '../definition.js';
import { canonicalDecimal, compareDecimals } from '../values/decimal.js';
import { VALUE_READERS } from '../values/value-reader.js';

export const NUMERIC: readonly FieldType[] = ['int', 'bigint', 'decimal'];

/** Faults of the bounds of a field, or of a field of the items of a list. */
export function boundFaults({
  name,
  type,
  min,
  max,
}: Pick<FieldDefinition, 'name' | 'type' | 'min' | 'max'>): string[] {
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
