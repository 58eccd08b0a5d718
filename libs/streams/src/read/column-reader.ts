import type { DerivedField, FieldDefinition, StreamDefinition } from '../definition.js';
import type { Value } from '../stream.js';
import type { ReadingOptions } from './reading-options.js';
import { compareDecimals } from '../values/decimal.js';
import { uploadReaders } from '../values/upload-readers.js';
import { derivedReader, VALUE_READERS, type ValueReader } from '../values/value-reader.js';

/** What reading one column of a row needs, compiled once. */
export interface ColumnReader {
  readonly name: string;
  readonly required: boolean;
  readonly isText: boolean;
  /** texts that mean a blank */
  readonly nulls: ReadonlySet<string> | undefined;
  /** what a blank becomes: unset, or null where it clears the column */
  readonly blank: null | undefined;
  readonly reader: ValueReader;
  /** Is a value that could be read inside its bounds? Undefined where the field has none. */
  readonly inBounds: ((value: Value) => boolean) | undefined;
  /** the bounds in words: "at least 1" */
  readonly bounds: string;
}

/** The readers of a stream's columns: fields in their order, then derived fields. */
export function columnReaders(definition: StreamDefinition, options?: ReadingOptions): readonly ColumnReader[] {
  const plain = [...definition.fields.map(fieldReader), ...definition.derived.map(derivedFieldReader)];
  if (!options) return plain;
  const readerFor = uploadReaders(options);
  const types = [...definition.fields, ...definition.derived].map(({ type }) => type);
  const nulls = options.nullValues?.length ? new Set(options.nullValues) : undefined;
  const kept = keyFields(definition);
  return plain.map((column, c) => {
    const clears = options.blank === 'clear' && c < definition.fields.length && !kept.has(column.name);
    return { ...column, reader: readerFor(types[c]!, column.reader), nulls, blank: clears ? null : undefined };
  });
}

/** The columns that name a row or its partition: they are never cleared. */
const keyFields = ({ key, primaryKey }: StreamDefinition): ReadonlySet<string> =>
  new Set([...key.fields, ...primaryKey.partition, ...primaryKey.clustering.map(({ field }) => field)]);

const fieldReader = (field: FieldDefinition): ColumnReader => ({
  name: field.name,
  required: field.required === true,
  isText: field.type === 'text',
  nulls: undefined,
  blank: undefined,
  reader: VALUE_READERS[field.type],
  inBounds: boundsOf(field),
  bounds: [
    ...(field.min === undefined ? [] : [`at least ${field.min}`]),
    ...(field.max === undefined ? [] : [`at most ${field.max}`]),
  ].join(' and '),
});

const derivedFieldReader = (field: DerivedField): ColumnReader => ({
  name: field.name,
  required: false,
  isText: field.type === 'text',
  nulls: undefined,
  blank: undefined,
  reader: derivedReader(field.type),
  inBounds: undefined,
  bounds: '',
});

function boundsOf({ type, min, max }: FieldDefinition): ColumnReader['inBounds'] {
  if (min === undefined && max === undefined) return undefined;
  if (type === 'int') {
    const least = min === undefined ? -Infinity : Number(min);
    const most = max === undefined ? Infinity : Number(max);
    return (value) => (value as number) >= least && (value as number) <= most;
  }
  // The bound of nearly every price; a canonical decimal is negative exactly when it begins with a minus.
  if (min === '0' && max === undefined) return (value) => (value as string).charCodeAt(0) !== 45;
  return (value) =>
    (min === undefined || compareDecimals(value as string, min) >= 0) &&
    (max === undefined || compareDecimals(value as string, max) <= 0);
}
