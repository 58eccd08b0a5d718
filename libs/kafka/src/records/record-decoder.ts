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
 * arithmetic of 64 bits for numbers that have fewer. Records share the bytes of header values that are the same; nobody
 * writes into them. `original` gets what is not of the usual kind.
 */
export function recordDecoder(original: DecodeRecord): DecodeRecord {
  const seen: SeenHeaders = [];
  let batch: { readonly context: BatchContext; readonly offset: number; readonly timestamp: number } | undefined;
  return (bytes, context) => {
    if (batch?.context !== context) {
      batch = { context, offset: Number(context.firstOffset), timestamp: Number(context.firstTimestamp) };
      seen.forEach((header) => (header.tries = 0)); // one whose name has no length leaves a hole
    }
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
    const value = reader.headerValue(place);
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

/** A header of the last records, at its place: most records have those of the one before, and many the same values. */
interface SeenHeader {
  readonly bytes: Buffer;
  readonly name: string;
  /** a value that came; a record that has it again gets the same bytes */
  value: Buffer | undefined;
  /** values kept of this batch */
  tries: number;
}
type SeenHeaders = SeenHeader[];
const MAX_SEEN = 16;
const MAX_KEPT_BYTES = 64;
/** A header of which these many values of a batch differ has another one in each record, as row numbers are. */
const MAX_TRIES = 2;

class Reader {
  constructor(
    private readonly buffer: Buffer,
    private at: number,
    private readonly seen: SeenHeaders,
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
    const bytes = Buffer.from(this.buffer.subarray(begin, this.at));
    if (place < MAX_SEEN) this.seen[place] = { bytes, name, value: undefined, tries: 0 };
    return name;
  }

  /** Of the header whose name was read last. */
  headerValue(place: number): Buffer | null {
    const length = this.int();
    if (length === -1) return null;
    const begin = this.at;
    this.at += length;
    const seen = length <= MAX_KEPT_BYTES ? this.seen[place] : undefined;
    if (seen?.value?.length === length && this.equals(seen.value, begin)) return seen.value;
    const value = this.buffer.subarray(begin, this.at);
    if (seen === undefined || seen.tries === MAX_TRIES) return value;
    seen.tries++;
    return (seen.value = Buffer.from(value)); // a copy, as of a name
  }

  private equals(bytes: Buffer, begin: number): boolean {
    // From the end: there, numbers that count up differ.
    for (let i = bytes.length - 1; i >= 0; i--) if (bytes[i] !== this.buffer[begin + i]) return false;
    return true;
  }
}
