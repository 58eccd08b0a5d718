import type { DerivedField, FieldDefinition, ItemField, ScalarType, StreamDefinition } from '../definition.js';
import { compareDecimals } from '../values/decimal.js';
import { uploadReaders } from '../values/upload-readers.js';
import { derivedReader, VALUE_READERS } from '../values/value-reader.js';
import type { Value } from '../stream.js';
import { parseCqlType, type UserTypes } from '../cql/cql-type.js';
import type { ColumnReader, NestedReader } from './column-reader.js';
import { cqlReader } from './cql-reader.js';
import { listReader } from './list-reader.js';
import type { ReadingOptions } from './reading-options.js';

type ReaderFor = ReturnType<typeof uploadReaders>;

/** The readers of a stream's columns: fields in their order, then derived fields. */
export function columnReaders(definition: StreamDefinition, options?: ReadingOptions): readonly ColumnReader[] {
  const readerFor = options && uploadReaders(options);
  const nulls = options?.nullValues?.length ? new Set(options.nullValues) : undefined;
  const kept = keyFields(definition);
  const blankOf = (name: string) => (options?.blank === 'clear' && !kept.has(name) ? null : undefined);
  return [
    ...definition.fields.map((field) => ({
      ...fieldReader(field, readerFor),
      nulls,
      blank: blankOf(field.name),
      preset: presetOf(field),
      aliases: field.json,
      path: field.path,
      nested: nestedReaderOf(field, definition.types, readerFor, nulls),
    })),
    ...definition.derived.map((field) => ({ ...derivedFieldReader(field, readerFor), nulls })),
  ];
}

/** The default of a field as a value. */
export const presetOf = ({ type, default: text }: FieldDefinition): Value =>
  text === undefined ? undefined : VALUE_READERS[type].fromText(text);

/** The columns that name a row or its partition: they are never cleared. */
const keyFields = ({ key, primaryKey }: StreamDefinition): ReadonlySet<string> =>
  new Set([...key.fields, ...primaryKey.partition, ...primaryKey.clustering.map(({ field }) => field)]);

/** Options are about every text of the upload, so about those inside lists too. */
function nestedReaderOf(
  { name, items, cql }: FieldDefinition,
  types: UserTypes | undefined,
  readerFor: ReaderFor | undefined,
  nulls: ColumnReader['nulls'],
): NestedReader | undefined {
  if (cql !== undefined) {
    const readerOf = (type: ScalarType) => readerFor?.(type, VALUE_READERS[type]) ?? VALUE_READERS[type];
    return cqlReader(name, parseCqlType(cql, types), { readerOf, nulls });
  }
  if (!items) return undefined;
  const readers = items.map((item) => ({ ...fieldReader(item, readerFor), nulls }));
  return listReader(name, readers, items);
}

const fieldReader = (field: ItemField | FieldDefinition, readerFor: ReaderFor | undefined): ColumnReader => ({
  ...PLAIN,
  name: field.name,
  required: field.required === true,
  isText: field.type === 'text',
  reader: readerFor ? readerFor(field.type, VALUE_READERS[field.type]) : VALUE_READERS[field.type],
  inBounds: boundsOf(field),
  bounds: boundsInWords(field),
});

const derivedFieldReader = ({ name, type }: DerivedField, readerFor: ReaderFor | undefined): ColumnReader => ({
  ...PLAIN,
  name,
  isText: type === 'text',
  reader: readerFor ? readerFor(type, derivedReader(type)) : derivedReader(type),
});

/** One order of properties for all readers, so that reading a column stays one shape for the engine. */
const PLAIN: ColumnReader = {
  name: '',
  required: false,
  isText: false,
  nulls: undefined,
  blank: undefined,
  preset: undefined,
  reader: VALUE_READERS.text,
  inBounds: undefined,
  bounds: '',
  aliases: undefined,
  path: undefined,
  nested: undefined,
};

/** "at least 1 and at most 9"; '' where there are none. */
export const boundsInWords = ({ min, max }: Pick<FieldDefinition, 'min' | 'max'>): string =>
  [...(min === undefined ? [] : [`at least ${min}`]), ...(max === undefined ? [] : [`at most ${max}`])].join(' and ');

function boundsOf({ type, min, max }: Pick<FieldDefinition, 'type' | 'min' | 'max'>): ColumnReader['inBounds'] {
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
