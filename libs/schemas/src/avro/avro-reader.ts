import { isUtf8 } from 'node:buffer';
import { WIRE_HEADER_BYTES } from '@orderstream/streams';
import avro from 'avsc';
import { AvroBytesError, ByteReader } from './byte-reader.js';
import { LOGICAL_TYPES, NotedType } from './logical-types.js';

type Read = (bytes: ByteReader) => unknown;

/**
 * Compiles a reader of values in the wire format, written with that schema, into JSON-like ones: records as objects,
 * decimals and large longs as text, timestamps in ms, dates as YYYY-MM-DD. Every field of the writer is there; by name
 * the stream takes those that it knows. Throws for a schema that is none.
 */
export function avroReader(schemaText: string): (value: Buffer) => unknown {
  const schema = JSON.parse(schemaText) as avro.Schema;
  const type = avro.Type.forSchema(schema, { logicalTypes: LOGICAL_TYPES });
  const read = new ReaderCompiler().readerOf(type);
  return (value) => {
    const bytes = new ByteReader(value, WIRE_HEADER_BYTES);
    const result = read(bytes);
    if (bytes.remaining > 0) throw new AvroBytesError(`it is followed by ${bytes.remaining} bytes`);
    return result;
  };
}

/** Types may contain themselves, so a reader is there before it is finished. */
class ReaderCompiler {
  private readonly readerByType = new Map<avro.Type, Read>();

  readerOf(type: avro.Type): Read {
    const known = this.readerByType.get(type);
    if (known) return known;
    this.readerByType.set(type, (bytes) => this.readerByType.get(type)!(bytes));
    const own = this.compile(type);
    this.readerByType.set(type, own);
    return own;
  }

  private compile(type: avro.Type): Read {
    if (type instanceof NotedType) return this.noted(type);
    const simple = SIMPLE[type.typeName];
    if (simple) return simple;
    switch (type.typeName) {
      case 'record':
      case 'error':
        return this.record(type as avro.types.RecordType);
      case 'enum':
        return enumReader(type as avro.types.EnumType);
      case 'fixed':
        return fixedReader(type as avro.types.FixedType);
      case 'array':
        return this.array(type as avro.types.ArrayType);
      case 'map':
        return this.map(type as avro.types.MapType);
      case 'union:unwrapped':
      case 'union:wrapped':
        return this.union(type as avro.types.UnwrappedUnionType);
      default:
        throw new Error(`Avro type ${type.typeName} is not known`);
    }
  }

  private noted(type: NotedType): Read {
    const read = this.readerOf(type.underlyingType);
    const isBytes = ['bytes', 'fixed'].includes(type.underlyingType.typeName);
    const plain: Read = isBytes ? bytesReader(type.underlyingType) : read;
    return (bytes) => type.fromPlain(plain(bytes));
  }

  private record(type: avro.types.RecordType): Read {
    const names = type.fields.map(({ name }) => name);
    const reads = type.fields.map((field) => this.readerOf(field.type));
    return (bytes) => {
      const record: Record<string, unknown> = {};
      for (let f = 0; f < names.length; f++) record[names[f]!] = reads[f]!(bytes);
      return record;
    };
  }

  private array(type: avro.types.ArrayType): Read {
    const read = this.readerOf(type.itemsType);
    return (bytes) => {
      const items: unknown[] = [];
      eachOfBlocks(bytes, () => items.push(read(bytes)));
      return items;
    };
  }

  private map(type: avro.types.MapType): Read {
    const read = this.readerOf(type.valuesType as avro.Type);
    return (bytes) => {
      const entries: [string, unknown][] = [];
      eachOfBlocks(bytes, () => entries.push([bytes.text(), read(bytes)]));
      return Object.fromEntries(entries);
    };
  }

  private union(type: { readonly types: readonly avro.Type[] }): Read {
    const reads = type.types.map((branch) => this.readerOf(branch));
    return (bytes) => {
      const index = bytes.count();
      const read = reads[index];
      if (!read) throw new AvroBytesError(`it has branch ${index} of a union of ${reads.length}`);
      return read(bytes);
    };
  }
}

const SIMPLE: Readonly<Record<string, Read | undefined>> = {
  null: () => null,
  boolean: (bytes) => bytes.byte() !== 0,
  int: (bytes) => bytes.long(),
  long: (bytes) => bytes.long(),
  float: (bytes) => shortest(bytes.slice(4).readFloatLE()),
  double: (bytes) => bytes.slice(8).readDoubleLE(),
  bytes: (bytes) => textOrBytes(bytes.sized()),
  string: (bytes) => bytes.text(),
};

const enumReader =
  ({ symbols }: avro.types.EnumType): Read =>
  (bytes) => {
    const symbol = symbols[bytes.count()];
    if (symbol === undefined) throw new AvroBytesError('it has a symbol that its enum has not');
    return symbol;
  };

const fixedReader =
  ({ size }: avro.types.FixedType): Read =>
  (bytes) =>
    textOrBytes(bytes.slice(size));

const bytesReader = (type: avro.Type): Read =>
  type.typeName === 'fixed' ? (bytes) => bytes.slice((type as avro.types.FixedType).size) : (bytes) => bytes.sized();

/** As Avro itself resolves bytes for a reader who wants a string. */
const textOrBytes = (bytes: Buffer): unknown => (isUtf8(bytes) ? bytes.toString('utf8') : bytes);

/** The decimal that was meant: 0.1 as a float is 0.10000000149011612 as a double. */
function shortest(float: number): number {
  for (const digits of [6, 7, 8]) {
    const decimal = Number(float.toPrecision(digits));
    if (Math.fround(decimal) === float) return decimal;
  }
  return float;
}

/**
 * Arrays and maps come in blocks of a count and so many items; a negative count has the block's size behind it. An item
 * that takes no bytes is refused: a few bytes could ask for billions of them.
 */
function eachOfBlocks(bytes: ByteReader, readItem: () => void): void {
  for (;;) {
    let count = bytes.count();
    if (count === 0) return;
    if (count < 0) {
      count = -count;
      bytes.count();
    }
    if (count > bytes.remaining) throw new AvroBytesError(`it counts ${count} items and is too short for them`);
    for (let i = 0; i < count; i++) {
      const before = bytes.position;
      readItem();
      if (bytes.position === before) throw new AvroBytesError('it has items of no bytes');
    }
  }
}
