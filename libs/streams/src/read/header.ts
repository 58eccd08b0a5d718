import type { StreamDefinition } from '../definition.js';
import type { HeaderMapping } from '../stream.js';

/** A header cell as names are compared: trimmed (a byte order mark too), lower case, spaces and dashes as underscores. */
export const normaliseName = (name: string): string => name.trim().toLowerCase().replace(/[\s-]/g, '_');

/**
 * Matches headers with the columns of a stream, in any order. The first of two equal names is used and both are reported.
 * A column whose header cell is empty is ignored.
 */
export function headerMapper(definition: StreamDefinition): (header: readonly string[]) => HeaderMapping {
  const names = [...definition.fields, ...definition.derived].map(({ name }) => name);
  const required = definition.fields.map((field) => field.required === true);
  const columnByName = new Map(names.map((name, column) => [name, column]));
  definition.fields.forEach(({ csv }, column) =>
    csv?.forEach((alias) => columnByName.set(normaliseName(alias), column)),
  );

  return (header) => {
    const indexByColumn = names.map(() => -1);
    const surplus = new Set<string>();
    const duplicates = new Set<string>();
    header.forEach((cell, index) => {
      const column = columnByName.get(normaliseName(cell));
      if (column !== undefined) {
        if (indexByColumn[column] === -1) indexByColumn[column] = index;
        else duplicates.add(names[column]!);
      } else if (cell.trim() !== '') {
        if (surplus.has(cell.trim())) duplicates.add(cell.trim());
        surplus.add(cell.trim());
      }
    });
    return {
      width: header.length,
      indexByColumn,
      missing: names.filter((_, column) => required[column] && indexByColumn[column] === -1),
      surplus: [...surplus],
      duplicates: [...duplicates],
      matched: indexByColumn.filter((index) => index >= 0).length,
    };
  };
}
