import type { DerivedField, FieldDefinition, StreamDefinition } from '../definition.js';
import type { Value } from '../stream.js';
import { compareDecimals } from '../values/decimal.js';
import { derivedReader, VALUE_READERS, type ValueReader } from '../values/value-reader.js';

/** What reading one column of a row needs, compiled once. */
export interface ColumnReader {
  readonly name: string;
  readonly required: boolean;
  readonly isText: boolean;
  readonly reader: ValueReader;
  /** Is a value that could be read inside its bounds? Undefined where the field has none. */
  readonly inBounds: ((value: Value) => boolean) | undefined;
  /** the bounds in words: "at least 1" */
  readonly bounds: string;
}

/** The readers of a stream's columns: fields in their order, then derived fields. */
export function columnReaders(definition: StreamDefinition): readonly ColumnReader[] {
  return [...definition.fields.map(fieldReader), ...definition.derived.map(derivedFieldReader)];
}

const fieldReader = (field: FieldDefinition): ColumnReader => ({
  name: field.name,
  required: field.required === true,
  isText: field.type === 'text',
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
