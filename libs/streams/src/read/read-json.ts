import type { RowFault } from '@orderstream/contracts';
import type { Row, RowFaults } from '../stream.js';
import type { ColumnReader } from './column-reader.js';
import { BROKEN, isObject, nestingOf, objectsOfJson, ownOf, type Nesting } from './nesting.js';
import type { CheckDerived } from './read-cells.js';
import { readJsonValue } from './read-value.js';
import { notAnObject, rowFaultsOf } from './row-fault.js';

/**
 * A reader of parsed JSON values. Only own properties count, so neither `__proto__` nor `constructor` reads anything that
 * the sender did not send. null, absent and '' are unset, unless blanks clear: then only what is absent is. Prototypes do not matter: decoded Avro records have their own.
 */
export function jsonReader(
  columns: readonly ColumnReader[],
  fieldCount: number,
  checkDerived: CheckDerived,
): (value: unknown) => Row | RowFaults {
  const nesting = nestingOf(columns);
  if (nesting) return nestedJsonReader(columns, fieldCount, nesting, checkDerived);
  return (value) => {
    if (!isObject(value)) return notAnObject(value);
    const row: Row = [];
    const faults: RowFault[] = [];
    let derivedGiven = false;
    for (let c = 0; c < columns.length; c++) {
      const column = columns[c]!;
      let given = Object.hasOwn(value, column.name) ? value[column.name] : undefined;
      if (given === undefined && column.aliases !== undefined) given = firstOf(value, column.aliases);
      const read = readJsonValue(column, given, faults);
      row.push(read);
      if (c >= fieldCount && read != null) derivedGiven = true;
    }
    if (faults.length > 0) return rowFaultsOf(faults)!;
    return derivedGiven ? (checkDerived(row) ?? row) : row;
  };
}

/** A field that stands flat under its name, as our own encoder writes it, wins over the one inside. */
function nestedJsonReader(
  columns: readonly ColumnReader[],
  fieldCount: number,
  nesting: Nesting,
  checkDerived: CheckDerived,
): (value: unknown) => Row | RowFaults {
  return (value) => {
    if (!isObject(value)) return notAnObject(value);
    const faults: RowFault[] = [];
    const objects = objectsOfJson(nesting, value, faults);
    const row = columns.map((column, c) => {
      const place = nesting.places[c];
      let given = ownOf(value, column.name);
      if (given === undefined && column.aliases !== undefined) given = firstOf(value, column.aliases);
      if (place && given === undefined) given = ownOf(value, place.dotted) ?? ownOf(objects[place.object], place.key);
      return given === BROKEN ? undefined : readJsonValue(column, given, faults);
    });
    if (faults.length > 0) return rowFaultsOf(faults)!;
    return row.slice(fieldCount).some((read) => read != null) ? (checkDerived(row) ?? row) : row;
  };
}

/** What stands under the first of several names that is there. */
function firstOf(value: Record<string, unknown>, names: readonly string[]): unknown {
  for (const name of names) if (Object.hasOwn(value, name) && value[name] !== undefined) return value[name];
  return undefined;
}
