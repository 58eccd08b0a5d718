/** Record batches of format 2: https://kafka.apache.org/documentation/#recordbatch */
export interface BatchContext {
  /** decimal strings, as kafkajs reads them */
  readonly firstOffset: string;
  readonly firstTimestamp: string;
  readonly maxTimestamp: string;
  readonly timestampType: number;
  readonly isControlBatch: boolean;
  readonly magicByte: number;
}

export interface DecodedRecord {
  readonly magicByte: number;
  readonly attributes: number;
  readonly timestamp: string;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Record<string, unknown>;
  readonly isControlRecord: boolean;
  readonly batchContext: BatchContext;
}

/** The bytes of one record behind its length. */
export interface RecordBytes {
  readonly buffer: Buffer;
  offset: number;
}

export type DecodeRecord = (bytes: RecordBytes, context: BatchContext) => DecodedRecord;

const LOG_APPEND_TIME = 1;
const MORE = 0x80;
/** 7 bits each, so that the sum is exact as a number. */
const MAX_LONG_BYTES = 7;
/** With what a record adds to it, a batch's number is exact. */
const MAX_BASE = 2 ** 52;

/**
 * What kafkajs 2.2.4's own decoder makes of a record, without a copy of all headers for each header and without an
 * arithmetic of 64 bits for numbers that have fewer. `original` gets what is not of the usual kind.
 */
export function recordDecoder(original: DecodeRecord): DecodeRecord {
  const seen: SeenNames = [];
  let batch: { readonly context: BatchContext; readonly offset: number; readonly timestamp: number } | undefined;
  return (bytes, context) => {
    if (batch?.context !== context)
      batch = { context, offset: Number(context.firstOffset), timestamp: Number(context.firstTimestamp) };
    if (!(Math.abs(batch.offset) <= MAX_BASE && Math.abs(batch.timestamp) <= MAX_BASE)) return original(bytes, context);
    const begin = bytes.offset;
    const reader = new Reader(bytes.buffer, begin + 1, seen);
    const timestampDelta = reader.long();
    if (timestampDelta === undefined) return original(bytes, context);
    const offsetDelta = reader.int();
    const hasAppendTime = context.timestampType === LOG_APPEND_TIME && context.maxTimestamp !== '';
    return {
      magicByte: context.magicByte,
      attributes: bytes.buffer.readInt8(begin),
      timestamp: hasAppendTime ? context.maxTimestamp : String(batch.timestamp + timestampDelta),
      offset: String(batch.offset + offsetDelta),
      key: reader.bytes(),
      value: reader.bytes(),
      headers: headersOf(reader),
      isControlRecord: context.isControlBatch,
      batchContext: context,
    };
  };
}

function headersOf(reader: Reader): Record<string, unknown> {
  const headers: Record<string, unknown> = {};
  const count = reader.int();
  for (let place = 0; place < count; place++) {
    const name = reader.name(place);
    const value = reader.bytes();
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else addTo(headers, name, value);
  }
  return headers;
}

/** A name that comes again, or one that every object has already, such as `__proto__`. */
function addTo(headers: Record<string, unknown>, name: string, value: Buffer | null): void {
  const before = Object.hasOwn(headers, name) ? headers[name] : undefined;
  const values =
    before === undefined ? value : Array.isArray(before) ? [...(before as unknown[]), value] : [before, value];
  Object.defineProperty(headers, name, { value: values, configurable: true, enumerable: true, writable: true });
}

/** The names of the last records by their place: most records have the headers of the one before. */
type SeenNames = { readonly bytes: Buffer; readonly name: string }[];
const MAX_SEEN = 16;

class Reader {
  constructor(
    private readonly buffer: Buffer,
    private at: number,
    private readonly seen: SeenNames,
  ) {}

  int(): number {
    let [result, shift, byte] = [0, 0, 0];
    do {
      byte = this.buffer[this.at++]!;
      result += (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= MORE);
    return (result >>> 1) ^ -(result & 1);
  }

  /** Undefined when it has more bits than a number keeps. */
  long(): number | undefined {
    let [result, factor, byte] = [0, 1, 0];
    for (let n = 0; n < MAX_LONG_BYTES; n++) {
      byte = this.buffer[this.at++]!;
      result += (byte & 0x7f) * factor;
      if (!(byte >= MORE)) return result % 2 === 0 ? result / 2 : -(result + 1) / 2;
      factor *= 128;
    }
    return undefined;
  }

  bytes(): Buffer | null {
    const length = this.int();
    if (length === -1) return null;
    this.at += length;
    return this.buffer.subarray(this.at - length, this.at);
  }

  name(place: number): string {
    const length = this.int();
    if (length === -1) return String(null);
    const begin = this.at;
    this.at += length;
    const seen = this.seen[place];
    if (seen?.bytes.length === length && this.equals(seen.bytes, begin)) return seen.name;
    const name = this.buffer.toString('utf8', begin, this.at);
    // A copy: the bytes of a fetch would stay in memory as long as the name.
    if (place < MAX_SEEN) this.seen[place] = { bytes: Buffer.from(this.buffer.subarray(begin, this.at)), name };
    return name;
  }

  private equals(bytes: Buffer, begin: number): boolean {
    for (let i = 0; i < bytes.length; i++) if (bytes[i] !== this.buffer[begin + i]) return false;
    return true;
  }
}
