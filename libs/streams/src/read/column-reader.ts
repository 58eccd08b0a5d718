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
  /** of a list column, and of no other */
  readonly list: ListReader | undefined;
}

/** Reads the values of a list column into canonical JSON. */
export interface ListReader {
  /** `parsed` has at least one item; undefined where something was appended to `faults` */
  read(parsed: readonly unknown[], faults: RowFault[]): Value;
}
