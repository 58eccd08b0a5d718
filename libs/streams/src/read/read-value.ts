import type { RowFault } from '@orderstream/contracts';
import type { Value } from '../stream.js';
import type { ColumnReader } from './column-reader.js';
import { missingValue, outOfRange, unreadable } from './row-fault.js';

/**
 * Reads one text into a value. Empty is unset; other than in text fields so is white space, and white space around a
 * value is no part of it. What is wrong is appended to `faults`, and the value then is undefined.
 */
export function readText(column: ColumnReader, text: string, faults: RowFault[]): Value {
  if (text !== '') {
    let value = column.reader.fromText(text);
    if (value === undefined) {
      const trimmed = text.trim();
      if (trimmed === '') return blank(column, text, faults);
      if (trimmed !== text) value = column.reader.fromText(trimmed);
    }
    return value === undefined ? refuse(unreadable(column, text), faults) : bounded(column, value, text, faults);
  }
  return blank(column, text, faults);
}

/** Reads one JSON value; null and undefined are unset, texts are read as `readText` does. */
export function readJsonValue(column: ColumnReader, given: unknown, faults: RowFault[]): Value {
  if (typeof given === 'string') return readText(column, given, faults);
  if (given === undefined || given === null) return blank(column, given, faults);
  let value: Value;
  if (typeof given === 'number') value = column.reader.fromNumber?.(given);
  else if (typeof given === 'boolean') value = column.reader.fromBoolean?.(given);
  return value === undefined ? refuse(unreadable(column, given), faults) : bounded(column, value, given, faults);
}

function bounded(column: ColumnReader, value: Value, given: unknown, faults: RowFault[]): Value {
  if (column.inBounds === undefined || column.inBounds(value)) return value;
  return refuse(outOfRange(column, given), faults);
}

const blank = (column: ColumnReader, given: unknown, faults: RowFault[]): undefined =>
  column.required ? refuse(missingValue(column.name, given), faults) : undefined;

function refuse(fault: RowFault, faults: RowFault[]): undefined {
  faults.push(fault);
  return undefined;
}
