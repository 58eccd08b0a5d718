import type { Buffer } from 'node:buffer';
import type { RowFault } from '@orderstream/contracts';
import type { StreamDefinition } from '../definition.js';
import type { Row } from '../stream.js';
import { avroSchemaOf, type AvroField, type AvroType } from './avro-schema.js';
import { valueWriter, writePresence, type ValueWriter } from './avro-values.js';
import { ByteWriter } from './byte-writer.js';

/** First byte of the Confluent wire format; the schema id follows in four bytes, big-endian. */
export const WIRE_MAGIC = 0;
export const WIRE_HEADER_BYTES = 5;

/**
 * The value of a row in the Confluent wire format. A fault where a value does not fit its type; undefined for a row that
 * the schema cannot hold: without a required value, or with a cleared one, which Avro cannot tell from an unset one.
 */
export type AvroEncoder = (row: Row) => Buffer | RowFault | undefined;

interface ColumnWriter {
  readonly name: string;
  readonly isNullable: boolean;
  readonly write: ValueWriter;
}

/** Compiles the writer of a stream's rows, with the id that the registry has given to its schema. */
export function avroEncoder(definition: StreamDefinition, schemaId: number): AvroEncoder {
  const columns = avroSchemaOf(definition).fields.map(columnWriter);
  const bytes = new ByteWriter();
  return (row) => {
    bytes.begin();
    bytes.byte(WIRE_MAGIC);
    bytes.uint32(schemaId);
    for (let c = 0; c < columns.length; c++) {
      const { name, isNullable, write } = columns[c]!;
      const value = row[c];
      if (value === null || (value === undefined && !isNullable)) return undefined;
      if (isNullable && writePresence(bytes, value)) continue;
      const misfit = write(bytes, value);
      if (misfit === undefined) continue;
      if (misfit.code === 'not_of_its_type') return undefined;
      return { code: misfit.code, reason: `${name}: ${misfit.reason}`, column: name, value: String(value) };
    }
    return bytes.copy();
  };
}

function columnWriter({ name, type }: AvroField): ColumnWriter {
  const isNullable = Array.isArray(type);
  const own = isNullable ? (type as readonly ['null', AvroType])[1] : (type as AvroType);
  return { name, isNullable, write: valueWriter(own) };
}
