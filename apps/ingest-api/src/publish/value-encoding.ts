import { CONTENT_TYPE_AVRO, CONTENT_TYPE_JSON, ProblemError, type RowFault } from '@orderstream/contracts';
import { avroEncoder, type AvroEncoder, type CompiledStream, type Row } from '@orderstream/streams';

export interface EncodedValue {
  readonly value: string | Buffer;
  readonly contentType: string;
}

/** Rows of one stream → the values of their records. */
export interface RowEncoder {
  readonly stream: CompiledStream;
  /** A fault for a row that has no value; see `ValueEncoding`. */
  encode(row: Row): EncodedValue | RowFault;
}

/**
 * How the values of records are written: JSON, or Avro where there is a schema registry. Rows that the Avro schema
 * cannot hold are JSON all the same, for every reader of ours tells them apart: those that clear a column, which Avro
 * cannot tell from one left alone, and those of a run that are made to fail.
 */
export class ValueEncoding {
  private readonly avroByStream = new Map<string, AvroEncoder>();

  constructor(private readonly isAvro: boolean) {}

  /** From now on values of the stream are Avro, with that schema. */
  useSchema({ name, definition }: CompiledStream, id: number): void {
    this.avroByStream.set(name, avroEncoder(definition, id));
  }

  /** Throws `registry_unavailable` while the schema of the stream is not registered yet. */
  of(stream: CompiledStream): RowEncoder {
    if (!this.isAvro) return jsonRows(stream);
    const avro = this.avroByStream.get(stream.name);
    if (avro) return avroRows(stream, avro);
    const detail = `the schema of ${stream.name} is not registered yet; send it again`;
    throw new ProblemError('registry_unavailable', detail, { retryAfterSeconds: 2 });
  }
}

const asJson = (stream: CompiledStream, row: Row): EncodedValue => ({
  value: stream.toJson(row),
  contentType: CONTENT_TYPE_JSON,
});

const jsonRows = (stream: CompiledStream): RowEncoder => ({ stream, encode: (row) => asJson(stream, row) });

const avroRows = (stream: CompiledStream, avro: AvroEncoder): RowEncoder => ({
  stream,
  encode: (row) => {
    const value = avro(row);
    if (value === undefined) return asJson(stream, row);
    return Buffer.isBuffer(value) ? { value, contentType: CONTENT_TYPE_AVRO } : value;
  },
});
