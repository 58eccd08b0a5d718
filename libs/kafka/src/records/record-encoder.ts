/** What kafkajs gives its encoder. */
export interface RecordToEncode {
  readonly offsetDelta?: number;
  /** ms */
  readonly timestampDelta?: number;
  readonly key?: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** What kafkajs reads of an encoded record when it puts a batch together. */
export interface EncodedRecord {
  readonly buf: Buffer;
  readonly buffer: Buffer;
}

export type EncodeRecord = (record: RecordToEncode) => EncodedRecord;

const NO_HEADERS: NonNullable<RecordToEncode['headers']> = Object.freeze({});
const MAX_INT_DELTA = 2 ** 30;

/**
 * The bytes that kafkajs 2.2.4's own encoder makes of a record (record batches of format 2:
 * https://kafka.apache.org/documentation/#record), in one buffer of their size: it takes 512 zeroed bytes for the record
 * and for each header, and copies them together. `original` gets what is not of the usual kind.
 */
export function recordEncoder(original: EncodeRecord): EncodeRecord {
  return (record) => {
    const { offsetDelta = 0, timestampDelta = 0, key, value, headers = NO_HEADERS } = record;
    const names = Object.keys(headers);
    if (!Number.isInteger(timestampDelta) || Math.abs(timestampDelta) >= MAX_INT_DELTA || !arePlain(headers, names))
      return original(record);
    let size =
      1 + sizeOfInt(timestampDelta) + sizeOfInt(offsetDelta) + sizeOf(key) + sizeOf(value) + sizeOfInt(names.length);
    for (const name of names) size += sizeOf(name) + sizeOf(headers[name] as Buffer | string);
    const writer = new Writer(size);
    writer.int(timestampDelta);
    writer.int(offsetDelta);
    writer.bytes(key);
    writer.bytes(value);
    writer.int(names.length);
    for (const name of names) {
      writer.bytes(name);
      writer.bytes(headers[name] as Buffer | string);
    }
    return { buf: writer.buffer, buffer: writer.buffer };
  };
}

const arePlain = (headers: Readonly<Record<string, unknown>>, names: readonly string[]): boolean =>
  names.every((name) => typeof headers[name] === 'string' || Buffer.isBuffer(headers[name]));

function sizeOf(bytes: Buffer | string | null | undefined): number {
  if (bytes === null || bytes === undefined) return 1;
  const length = Buffer.byteLength(bytes);
  return sizeOfInt(length) + length;
}

/** Zigzag: small numbers of both signs have few bits. */
const zigzag = (value: number): number => ((value << 1) ^ (value >> 31)) >>> 0;

function sizeOfInt(value: number): number {
  const bits = zigzag(value);
  if (bits < 0x80) return 1;
  if (bits < 0x4000) return 2;
  if (bits < 0x20_0000) return 3;
  return bits < 0x1000_0000 ? 4 : 5;
}

class Writer {
  readonly buffer: Buffer;
  private at = 0;

  /** `size`: of what follows the length */
  constructor(size: number) {
    this.buffer = Buffer.allocUnsafe(sizeOfInt(size) + size);
    this.int(size);
    this.buffer[this.at++] = 0; // attributes: none is in use
  }

  int(value: number): void {
    let bits = zigzag(value);
    while (bits >= 0x80) {
      this.buffer[this.at++] = (bits & 0x7f) | 0x80;
      bits >>>= 7;
    }
    this.buffer[this.at++] = bits;
  }

  bytes(bytes: Buffer | string | null | undefined): void {
    if (bytes === null || bytes === undefined) return this.int(-1);
    if (typeof bytes === 'string') {
      this.int(Buffer.byteLength(bytes));
      this.at += this.buffer.write(bytes, this.at);
      return;
    }
    this.int(bytes.length);
    this.at += bytes.copy(this.buffer, this.at);
  }
}
