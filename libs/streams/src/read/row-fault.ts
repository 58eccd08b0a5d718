import type { RowFault } from '@orderstream/contracts';
import { RowFaults } from '../stream.js';
import type { ColumnReader } from './column-reader.js';

const SHOWN_LENGTH = 80;

/** A hostile list of a MiB has half a million items, and its faults must not be as many sentences. */
export const MAX_FAULTS = 20;

/** Text of any JSON value as it came. Values nested too deeply for the stack are named by their type only. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // A RangeError (depth) or TypeError (cycle, bigint): a hostile value must never stop a consumer.
    return typeof value === 'bigint' ? String(value) : `[${Array.isArray(value) ? 'array' : typeof value}]`;
  }
}

/** The value in quotes, cut for a sentence. */
export const shown = (text: string): string =>
  `"${text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text}"`;

export function missingValue(column: string, value: unknown): RowFault {
  const reason = `${column} is required and empty. Fill it in and send the row again.`;
  return value === undefined
    ? { code: 'missing_value', reason, column }
    : { code: 'missing_value', reason, column, value: textOf(value) };
}

export function unreadable(column: ColumnReader, value: unknown): RowFault {
  const text = textOf(value);
  const { code, expected } = column.reader;
  const reason = `${column.name} is ${shown(text)}, not ${expected}. Correct it and send the row again.`;
  return { code, reason, column: column.name, value: text };
}

export function outOfRange(column: ColumnReader, value: unknown): RowFault {
  const text = textOf(value);
  const reason = `${column.name} is ${shown(text)}, but must be ${column.bounds}. Correct it and send the row again.`;
  return { code: 'out_of_range', reason, column: column.name, value: text };
}

export function badRowLength(cells: number, columns: number): RowFaults {
  const reason =
    `The row has ${cells} ${cells === 1 ? 'cell' : 'cells'}, the header ${columns} ` +
    `${columns === 1 ? 'column' : 'columns'}. Put cells that contain the delimiter in quotes and send the row again.`;
  return new RowFaults([{ code: 'bad_row_length', reason }]);
}

export function notAnObject(value: unknown): RowFaults {
  const kind = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
  const reason = `The JSON value is ${kind}, not an object. Send one object per record.`;
  return new RowFaults([{ code: 'not_an_object', reason, value: textOf(value) }]);
}

/** Of what lies inside a record, named by its place: `shipping_info`, `transaction_items[2]`. */
export function notAnObjectIn(place: string, value: unknown): RowFault {
  const text = textOf(value);
  const reason = `${place} is ${shown(text)}, not a JSON object. Correct it and send the row again.`;
  return { code: 'not_an_object', reason, column: place, value: text };
}

/** The faults as the outcome of a row, or undefined where there are none. */
export function rowFaultsOf(faults: readonly RowFault[] | undefined): RowFaults | undefined {
  const [first, ...rest] = faults ?? [];
  return first && new RowFaults([first, ...rest]);
}
