import type { RowFault } from '@orderstream/contracts';
import type { HeaderMapping, ReadCells, Row, RowFaults } from '../stream.js';
import type { ColumnReader } from './column-reader.js';
import { BROKEN, nestingOf, objectsOfCells, ownOf } from './nesting.js';
import { readAbsent, readJsonValue, readText } from './read-value.js';
import { badRowLength, rowFaultsOf } from './row-fault.js';

/** Checks the derived columns of a row in which some were given; they stay filled. */
export type CheckDerived = (row: Row) => RowFaults | undefined;

/**
 * A reader of CSV rows under one header. All faults of a row are collected. The derived columns are computed only where
 * the row gives one, so that a wrong one is refused at the door.
 */
export function cellReader(
  columns: readonly ColumnReader[],
  fieldCount: number,
  mapping: HeaderMapping,
  checkDerived: CheckDerived,
): ReadCells {
  if (mapping.objectCells.length > 0) return nestedCellReader(columns, fieldCount, mapping, checkDerived);
  const { width, indexByColumn } = mapping;
  return (cells) => {
    if (cells.length !== width) return badRowLength(cells.length, width);
    const row: Row = [];
    const faults: RowFault[] = [];
    let derivedGiven = false;
    for (let c = 0; c < columns.length; c++) {
      const index = indexByColumn[c]!;
      const value = index < 0 ? readAbsent(columns[c]!, faults) : readText(columns[c]!, cells[index]!, faults);
      row.push(value);
      if (c >= fieldCount && value != null) derivedGiven = true;
    }
    if (faults.length > 0) return rowFaultsOf(faults)!;
    return derivedGiven ? (checkDerived(row) ?? row) : row;
  };
}

/** Of rows with cells that hold objects: what lies in one is read as in JSON. */
function nestedCellReader(
  columns: readonly ColumnReader[],
  fieldCount: number,
  { width, indexByColumn, objectCells }: HeaderMapping,
  checkDerived: CheckDerived,
): ReadCells {
  const nesting = nestingOf(columns)!;
  const nulls = columns[0]?.nulls;
  return (cells) => {
    if (cells.length !== width) return badRowLength(cells.length, width);
    const faults: RowFault[] = [];
    const objects = objectsOfCells(nesting, { cells, objectCells, nulls }, faults);
    const row = columns.map((column, c) => {
      const index = indexByColumn[c]!;
      if (index >= 0) return readText(column, cells[index]!, faults);
      const place = nesting.places[c];
      const given = place && ownOf(objects[place.object], place.key);
      return given === BROKEN ? undefined : readJsonValue(column, given, faults);
    });
    if (faults.length > 0) return rowFaultsOf(faults)!;
    return row.slice(fieldCount).some((value) => value != null) ? (checkDerived(row) ?? row) : row;
  };
}
