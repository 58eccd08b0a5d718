import type { StreamDefinition } from '../definition.js';
import type { HeaderMapping, ObjectCell } from '../stream.js';
import { nestingOf, type Nesting } from './nesting.js';

/** A header cell as names are compared: trimmed (a byte order mark too), lower case, spaces and dashes as underscores. */
export const normaliseName = (name: string): string => name.trim().toLowerCase().replace(/[\s-]/g, '_');

/**
 * Matches headers with the columns of a stream, in any order. The first of two equal names is used and both are reported.
 * A column whose header cell is empty is ignored.
 */
export function headerMapper(definition: StreamDefinition): (header: readonly string[]) => HeaderMapping {
  const columns = [...definition.fields, ...definition.derived];
  const names = columns.map(({ name }) => name);
  const required = definition.fields.map((field) => field.required === true && field.default === undefined);
  const nesting = nestingOf(definition.fields);
  const nameOf = namesOfCells(definition, nesting);

  return (header) => {
    const cells = new Map<string, number>();
    const surplus = new Set<string>();
    const duplicates = new Set<string>();
    header.forEach((cell, index) => {
      const name = nameOf.get(normaliseName(cell));
      if (name !== undefined) {
        if (cells.has(name)) duplicates.add(name);
        else cells.set(name, index);
      } else if (cell.trim() !== '') {
        if (surplus.has(cell.trim())) duplicates.add(cell.trim());
        surplus.add(cell.trim());
      }
    });
    const indexByColumn = names.map((name) => cells.get(name) ?? -1);
    const objectCells = nesting ? objectCellsOf(nesting, cells, indexByColumn) : [];
    const isMatched = indexByColumn.map((index) => index >= 0);
    for (const object of objectCells) for (const column of object.columns) isMatched[column] = true;
    return {
      width: header.length,
      indexByColumn,
      objectCells,
      missing: names.filter((_, column) => required[column] && !isMatched[column]),
      surplus: [...surplus],
      duplicates: [...duplicates],
      matched: isMatched.filter(Boolean).length,
    };
  };
}

/** What a header cell means, by its normalised name: the name of a column or of an object. */
function namesOfCells(definition: StreamDefinition, nesting: Nesting | undefined): ReadonlyMap<string, string> {
  const { fields, derived } = definition;
  const nameOf = new Map([...fields, ...derived].map(({ name }) => [name, name]));
  for (const { name, csv = [], json = [] } of fields)
    for (const alias of [...csv, ...json]) nameOf.set(normaliseName(alias), name);
  nesting?.places.forEach((place, c) => place && nameOf.set(normaliseName(place.dotted), fields[c]!.name));
  nesting?.objects.forEach(({ name }) => nameOf.set(normaliseName(name), name));
  return nameOf;
}

/** A cell of a column's own wins over an object, and an inner object over the one it lies in. */
function objectCellsOf(
  { objects, places }: Nesting,
  cells: ReadonlyMap<string, number>,
  indexByColumn: readonly number[],
): ObjectCell[] {
  const holderOf = (object: number): number =>
    object < 0 || cells.has(objects[object]!.name) ? object : holderOf(objects[object]!.parent);
  const holders = places.map((place, column) => (place && indexByColumn[column]! < 0 ? holderOf(place.object) : -1));
  return objects.flatMap(({ name }, object) => {
    const index = cells.get(name);
    const columns = holders.flatMap((holder, column) => (holder === object ? [column] : []));
    return index === undefined ? [] : [{ name, index, columns }];
  });
}
