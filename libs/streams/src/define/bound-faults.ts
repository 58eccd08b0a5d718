import type { FieldDefinition, FieldType } from '../definition.js';
import { canonicalDecimal, compareDecimals } from '../values/decimal.js';
import { VALUE_READERS } from '../values/value-reader.js';
import { faultAt, type Fault, type Path } from './fault.js';

export const NUMERIC: readonly FieldType[] = ['int', 'bigint', 'decimal'];

/** Faults of the bounds of a field, or of a field of the items of a list. */
export function boundFaults({ type, min, max }: Pick<FieldDefinition, 'type' | 'min' | 'max'>, path: Path): Fault[] {
  if (min === undefined && max === undefined) return [];
  if (!NUMERIC.includes(type)) {
    const given = min === undefined ? 'max' : 'min';
    return [faultAt([...path, given], `min and max are for ${NUMERIC.join(', ')}, not for ${type}`)];
  }
  const faults = [
    ...(min === undefined ? [] : boundFault(type, min, [...path, 'min'])),
    ...(max === undefined ? [] : boundFault(type, max, [...path, 'max'])),
  ];
  if (faults.length > 0 || min === undefined || max === undefined) return faults;
  return compareDecimals(min, max) > 0 ? [faultAt([...path, 'min'], `min ${min} is above max ${max}`)] : [];
}

function boundFault(type: FieldType, text: string, path: Path): Fault[] {
  const value = VALUE_READERS[type].fromText(text);
  // Canonical, because bounds are compared as canonical decimals.
  const isCanonical = value !== undefined && canonicalDecimal(text) === text;
  return isCanonical ? [] : [faultAt(path, `"${text}" must be ${VALUE_READERS[type].expected}, plainly written`)];
}
