import { randomUUID } from 'node:crypto';

/** Bytes of a batch before its records (format 2): …, the number of records last. */
const BATCH_HEADER_BYTES = 61;
const LENGTH_AT = 8;
const MAGIC_AT = 16;
const COUNT_AT = 57;
const FORMAT = 2;
/** Of the batch's length, which does not count what stands before it and itself. */
const BYTES_AFTER_LENGTH = BATCH_HEADER_BYTES - 12;
/** More than any batch has; each becomes an object. */
const MOST_RECORDS = 200_000;

/** Only this process knows it, so no producer can make such a record. */
const HEADER = `unreadable-${randomUUID()}`;

/**
 * Records in place of those of a batch that cannot be decompressed, at its first offsets, without a key and with an empty
 * value, which no stream takes. Undefined when `compressed` does not lie behind the header of a batch: kafkajs gives a
 * view on what it has received, and the number of records that it expects is there only.
 */
export function unreadableRecords(compressed: Buffer, reason: string): Buffer | undefined {
  const start = compressed.byteOffset - BATCH_HEADER_BYTES;
  if (start < 0) return undefined;
  const header = Buffer.from(compressed.buffer, start, BATCH_HEADER_BYTES);
  const isBatch =
    header[MAGIC_AT] === FORMAT && header.readInt32BE(LENGTH_AT) === BYTES_AFTER_LENGTH + compressed.length;
  const count = header.readInt32BE(COUNT_AT);
  if (!isBatch || count > MOST_RECORDS) return undefined;
  return Buffer.concat(Array.from({ length: count }, (_, n) => recordOf(n, reason)));
}

/** Why this record, and the batch it was in, could not be read; undefined for any other record. */
export function unreadableReason({ value, headers }: UnreadableLike): string | undefined {
  if (value?.length !== 0) return undefined;
  const reason = headers?.[HEADER];
  return Buffer.isBuffer(reason) ? reason.toString() : undefined;
}

interface UnreadableLike {
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** Attributes, time and offset as differences to the batch, no key, no bytes of a value, one header. */
function recordOf(offsetDelta: number, reason: string): Buffer {
  const [name, text] = [Buffer.from(HEADER), Buffer.from(reason)];
  const parts = [varInt(1), varInt(name.length), name, varInt(text.length), text];
  const body = Buffer.concat([Buffer.from([0, 0]), varInt(offsetDelta), varInt(-1), varInt(0), ...parts]);
  return Buffer.concat([varInt(body.length), body]);
}

/** Zigzag, seven bits a byte. */
function varInt(value: number): Buffer {
  const bytes: number[] = [];
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}
