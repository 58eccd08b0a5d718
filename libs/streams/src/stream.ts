import type { RowFault } from '@orderstream/contracts';
import type { FieldType, StreamDefinition } from './definition.js';
import type { ReadingOptions } from './read/reading-options.js';

/**
 * One value of a row, by field type: text, decimal (canonical: no exponent, no `+`), date `YYYY-MM-DD`, uuid (lower
 * case), bigint and list (canonical JSON) are strings; int and timestamp (ms since the epoch) are numbers; boolean is
 * boolean.
 * `undefined` means unset: the column is left alone; `null` clears it, which only `blank: 'clear'` asks for.
 */
export type Value = string | number | boolean | null | undefined;

/** Values in the order of `CompiledStream.columns`. Positional, so no field name can ever be a property. */
export type Row = Value[];

/** All that is wrong with one row, at least one fault; the first one names the row's code. */
export class RowFaults {
  constructor(readonly faults: readonly [RowFault, ...RowFault[]]) {}
}

export interface Column {
  readonly name: string;
  readonly type: FieldType;
  readonly required: boolean;
  readonly derived: boolean;
}

/** A cell with JSON of an object from which columns are read. */
export interface ObjectCell {
  /** `shipping_info` */
  readonly name: string;
  readonly index: number;
  /** the columns that no cell of their own names */
  readonly columns: readonly number[];
}

/** A header matched with a stream. `indexByColumn[c]` is the cell of column c, or -1. */
export interface HeaderMapping {
  readonly width: number;
  readonly indexByColumn: readonly number[];
  /** empty on streams whose records are flat */
  readonly objectCells: readonly ObjectCell[];
  /** required fields that no header cell names or can hold */
  readonly missing: readonly string[];
  /** non-empty header cells that name no field */
  readonly surplus: readonly string[];
  /** fields or surplus names that stand twice */
  readonly duplicates: readonly string[];
  /** number of fields matched, required or not; those inside an object cell too */
  readonly matched: number;
}

export type ReadCells = (cells: readonly string[]) => Row | RowFaults;

/** What reads the rows of one upload. */
export interface StreamReading {
  /** A reader for rows under that header; the row length is checked by it (`bad_row_length`). */
  readCells(mapping: HeaderMapping): ReadCells;
  /** Checks a parsed JSON value. Fields that are not in the definition are ignored; see `surplusOf`. */
  readJson(value: unknown): Row | RowFaults;
}

export interface CompiledStream extends StreamReading {
  readonly definition: StreamDefinition;
  readonly name: string;
  readonly topic: string;
  /** fields in their order, then derived fields */
  readonly columns: readonly Column[];
  /** message key = primary key, so a null value can delete the row */
  readonly takesTombstones: boolean;
  mapHeader(header: readonly string[]): HeaderMapping;
  /** The readers for one upload with options, compiled once. Throws RangeError for options that `optionFaults` refuses. */
  reading(options: ReadingOptions): StreamReading;
  /** As `readJson`, but null and '' clear a column that is neither key nor required. */
  readJsonClearing(value: unknown): Row | RowFaults;
  /** names of own fields of a JSON object that the definition does not know; inside it as `shipping_info.note`, `items[].note` */
  surplusOf(value: object): string[];
  /** Fills the derived columns in place, clearing those of a cleared input; a given value that differs from the computed one is a fault. */
  derive(row: Row): RowFaults | undefined;
  /** Canonical JSON text of the row's set fields (derived ones included when set; null for cleared ones), in the order of the definition. */
  toJson(row: Row): string;
  /** µs at which the row is written, on streams with `writeTimeFrom`; undefined on all others */
  readonly writeTimeOf: ((row: Row) => number) | undefined;
  /** the Kafka message key */
  keyOf(row: Row): string;
}
