import type { RowFault } from '@orderstream/contracts';
import type { Value } from '../stream.js';
import type { ValueReader } from '../values/value-reader.js';

/** What reading one column of a row needs, compiled once. */
export interface ColumnReader {
  readonly name: string;
  readonly required: boolean;
  readonly isText: boolean;
  /** texts that mean a blank */
  readonly nulls: ReadonlySet<string> | undefined;
  /** what a blank becomes: unset, or null where it clears the column */
  readonly blank: null | undefined;
  /** what a blank or a missing value becomes, unless a blank clears; undefined where there is no default */
  readonly preset: Value;
  readonly reader: ValueReader;
  /** Is a value that could be read inside its bounds? Undefined where the field has none. */
  readonly inBounds: ((value: Value) => boolean) | undefined;
  /** the bounds in words: "at least 1" */
  readonly bounds: string;
  /** further names in JSON; undefined for most */
  readonly aliases: readonly string[] | undefined;
  /** where the column lies in a nested record; undefined for all others */
  readonly path: readonly string[] | undefined;
  /** of a column of lists or other JSON, and of no other */
  readonly nested: NestedReader | undefined;
}

/** Reads the values of a column of lists or other JSON into canonical JSON. */
export interface NestedReader {
  /** which of the two brackets a value has */
  readonly isList: boolean;
  /** `parsed` has those brackets and something in them; undefined where something was appended to `faults` */
  read(parsed: object, faults: RowFault[]): Value;
}
