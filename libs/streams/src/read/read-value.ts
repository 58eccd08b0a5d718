import type { RowFault } from '@orderstream/contracts';
import type { Value } from '../stream.js';
import type { ColumnReader } from './column-reader.js';
import { parseJsonText } from '../values/json-text.js';
import { missingValue, outOfRange, unreadable } from './row-fault.js';

/**
 * Reads one text into a value. Nothing but white space is a blank; other than in text fields, white space around a
 * value is no part of it. What is wrong is appended to `faults`, and the value then is undefined.
 */
export function readText(column: ColumnReader, text: string, faults: RowFault[]): Value {
  if (text !== '') {
    if (column.isText && isWhiteSpace(text)) return blank(column, text, faults);
    if (column.nulls !== undefined && column.nulls.has(text.trim())) return blank(column, text, faults);
    let value = column.reader.fromText(text);
    if (value === undefined) {
      const trimmed = text.trim();
      if (trimmed === '') return blank(column, text, faults);
      if (trimmed !== text) value = column.reader.fromText(trimmed);
      if (column.nested !== undefined) return readNested(column, parseJsonText(trimmed), text, faults);
    }
    return value === undefined ? refuse(unreadable(column, text), faults) : bounded(column, value, text, faults);
  }
  return blank(column, text, faults);
}

/** Reads one JSON value; null is a blank, undefined is absent, texts are read as `readText` does. */
export function readJsonValue(column: ColumnReader, given: unknown, faults: RowFault[]): Value {
  if (typeof given === 'string') return readText(column, given, faults);
  if (given === undefined) return readAbsent(column, faults);
  if (given === null) return blank(column, given, faults);
  let value: Value;
  if (typeof given === 'number') value = column.reader.fromNumber?.(given);
  else if (typeof given === 'boolean') value = column.reader.fromBoolean?.(given);
  else if (column.nested !== undefined) return readNested(column, given, given, faults);
  return value === undefined ? refuse(unreadable(column, given), faults) : bounded(column, value, given, faults);
}

/** Of a user-defined type of which no field is there. */
const NOTHING = '{}';

/** `parsed` of what was `given`. Brackets with nothing in them, or nothing that is known, are a blank. */
function readNested(column: ColumnReader, parsed: unknown, given: unknown, faults: RowFault[]): Value {
  const nested = column.nested!;
  if (parsed === null) return blank(column, given, faults);
  if (typeof parsed !== 'object' || Array.isArray(parsed) !== nested.isList)
    return refuse(unreadable(column, given), faults);
  const value = Object.keys(parsed).length === 0 ? NOTHING : nested.read(parsed, faults);
  return value === NOTHING ? blank(column, given, faults) : value;
}

function bounded(column: ColumnReader, value: Value, given: unknown, faults: RowFault[]): Value {
  if (column.inBounds === undefined || column.inBounds(value)) return value;
  return refuse(outOfRange(column, given), faults);
}

/** What no cell or field is about is left alone, however blanks are read. */
export function readAbsent(column: ColumnReader, faults: RowFault[]): Value {
  if (column.preset !== undefined) return column.preset;
  return column.required ? refuse(missingValue(column.name, undefined), faults) : undefined;
}

/** A default is for what may not be blank, and for what a blank does not clear. */
function blank(column: ColumnReader, given: unknown, faults: RowFault[]): Value {
  if (column.preset !== undefined && (column.required || column.blank === undefined)) return column.preset;
  return column.required ? refuse(missingValue(column.name, given), faults) : column.blank;
}

/** A look at the first character spares nearly every text the rest. */
function isWhiteSpace(text: string): boolean {
  const first = text.charCodeAt(0);
  return (first <= 32 || first >= 160) && text.trim() === '';
}

function refuse(fault: RowFault, faults: RowFault[]): undefined {
  faults.push(fault);
  return undefined;
}
