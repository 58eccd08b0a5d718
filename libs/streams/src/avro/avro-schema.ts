import type { DerivedField, FakeSpec, FieldType, StreamDefinition } from '../definition.js';

/** Digits after the point of a decimal field on Avro, and of a derived one: the product of two fields has both. */
const FIELD_SCALE = 10;
const DERIVED_SCALE = 20;
/** Of every decimal: what Java, Spark and Iceberg hold. */
export const AVRO_PRECISION = 38;

export interface AvroDecimal {
  readonly type: 'bytes';
  readonly logicalType: 'decimal';
  readonly precision: number;
  readonly scale: number;
  /**
   * Ours: a reader gives a value back with at least so many digits after the point, and drops the zeros behind them.
   * Avro has one scale for all values of a field, and `9.90` is not to come back as `9.9000000000`.
   */
  readonly minScale: number;
}

/** The type of one value, as Avro has it. */
export type AvroType =
  | 'string'
  | 'int'
  | 'long'
  | 'boolean'
  | AvroDecimal
  | { readonly type: 'string' | 'int' | 'long'; readonly logicalType: 'uuid' | 'date' | 'timestamp-millis' }
  | { readonly type: 'array'; readonly items: AvroRecord };

export interface AvroField {
  readonly name: string;
  readonly type: AvroType | readonly ['null', AvroType];
  readonly default?: null;
}

export interface AvroRecord {
  readonly type: 'record';
  readonly name: string;
  readonly namespace?: string;
  readonly doc?: string;
  readonly fields: readonly AvroField[];
}

/** What is to be known of a field or derived field. */
export interface TypedField {
  readonly name: string;
  readonly type: FieldType;
  readonly required?: boolean;
  readonly fake?: FakeSpec;
  readonly from?: DerivedField['from'];
  /** of a list */
  readonly items?: readonly TypedField[];
}

const NAMESPACE = 'orderstream';

/**
 * The Avro schema of the values of a stream: fields in their order, then derived fields. Only required fields are not
 * nullable, so a field that is added without being required can be read from older records, and left out by readers
 * that do not know it.
 */
export function avroSchemaOf({ name, description, fields, derived }: StreamDefinition): AvroRecord {
  const record = name.replaceAll('-', '_');
  const all: readonly TypedField[] = [...fields, ...derived];
  const avroFields = all.map((field) => avroField(field, record));
  return { type: 'record', name: record, namespace: NAMESPACE, doc: description, fields: avroFields };
}

function avroField(field: TypedField, record: string): AvroField {
  const type = avroType(field, record);
  return field.required === true
    ? { name: field.name, type }
    : { name: field.name, type: ['null', type], default: null };
}

/** Every field type has its Avro type here, and its writer in `avro-values.ts`. */
function avroType(field: TypedField, record: string): AvroType {
  switch (field.type) {
    case 'text':
    case 'json':
      return 'string';
    case 'int':
      return 'int';
    case 'bigint':
      return 'long';
    case 'boolean':
      return 'boolean';
    case 'decimal':
      return decimalType(field);
    case 'timestamp':
      return { type: 'long', logicalType: 'timestamp-millis' };
    case 'date':
      return { type: 'int', logicalType: 'date' };
    case 'uuid':
      return { type: 'string', logicalType: 'uuid' };
    case 'list':
      return { type: 'array', items: itemRecord(field, `${record}_${field.name}`) };
  }
}

const itemRecord = ({ items = [] }: TypedField, name: string): AvroRecord => ({
  type: 'record',
  name,
  fields: items.map((item) => avroField(item, name)),
});

function decimalType({ fake, from }: TypedField): AvroDecimal {
  const scale = from === undefined ? FIELD_SCALE : DERIVED_SCALE;
  const minScale = fake?.kind === 'decimal' ? Math.min(fake.scale, scale) : 0;
  return { type: 'bytes', logicalType: 'decimal', precision: AVRO_PRECISION, scale, minScale };
}
