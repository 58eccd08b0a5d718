import type { RowFault } from '@orderstream/contracts';
import { jsonEncoder } from '../encode-json.js';
import type { Row } from '../stream.js';
import type { ColumnReader, NestedReader } from './column-reader.js';
import { isObject } from './nesting.js';
import { readJsonValue } from './read-value.js';
import { MAX_FAULTS, notAnObjectIn } from './row-fault.js';

/** Compiles the reader of a list named `list` whose items have these fields. */
export function listReader(
  list: string,
  fields: readonly ColumnReader[],
  types: Parameters<typeof jsonEncoder>[0],
): NestedReader {
  const encode = jsonEncoder(types);
  return {
    isList: true,
    read: (parsed, faults) => {
      const items = parsed as readonly unknown[];
      const before = faults.length;
      let json = '';
      for (let i = 0; i < items.length && faults.length < before + MAX_FAULTS; i++) {
        const row = readItem(fields, items[i], `${list}[${i}]`, faults);
        if (row) json += `${i === 0 ? '[' : ','}${encode(row)}`;
      }
      return faults.length === before ? `${json}]` : undefined;
    },
  };
}

function readItem(fields: readonly ColumnReader[], item: unknown, place: string, faults: RowFault[]): Row | undefined {
  if (!isObject(item)) {
    faults.push(notAnObjectIn(place, item));
    return undefined;
  }
  const row: Row = [];
  for (const field of fields) {
    const given = Object.hasOwn(item, field.name) ? item[field.name] : undefined;
    const before = faults.length;
    row.push(readJsonValue(field, given, faults));
    if (faults.length === before) continue;
    // Read once more under the name of the place, which is made for the few that need it.
    faults.length = before;
    readJsonValue({ ...field, name: `${place}.${field.name}` }, given, faults);
  }
  return row;
}
