import { ByteOutput } from './byte-output.js';
import { UnreadableBatchError } from './unreadable-batch.error.js';

const MAGIC = 0x184d2204;
const FLAG = { dictionary: 0x01, contentChecksum: 0x04, contentSize: 0x08, blockChecksum: 0x10 } as const;
/** of a block's length: it holds bytes as they are */
const UNCOMPRESSED = 0x80000000;
const MIN_MATCH = 4;
/** A length of four bits that goes on in the bytes behind it. */
const LONG = 15;

/** Undoes one LZ4 frame, as Kafka's clients write it. Throws an UnreadableBatchError. Checksums are not looked at: TCP and the broker have theirs. */
export function unlz4(data: Buffer, maxBytes: number): Buffer {
  const reader = new Reader(data);
  if (reader.uint32() !== MAGIC) throw new UnreadableBatchError('it is no LZ4 frame');
  const flags = reader.byte();
  if (flags & FLAG.dictionary) throw new UnreadableBatchError('its LZ4 frame needs a dictionary');
  reader.skip(1 + (flags & FLAG.contentSize ? 8 : 0) + 1); // block size, content size, checksum of the header
  const out = new ByteOutput(maxBytes, data.length * 2);
  for (let size = reader.uint32(); size !== 0; size = reader.uint32()) {
    const end = reader.at + (size & ~UNCOMPRESSED);
    if (size & UNCOMPRESSED) out.append(data, reader.at, end);
    else readBlock(reader, end, out);
    reader.at = end + (flags & FLAG.blockChecksum ? 4 : 0);
  }
  return out.result;
}

/** Sequences: some bytes as they are, then a stretch of what was written before; the last one has no such stretch. */
function readBlock(reader: Reader, end: number, out: ByteOutput): void {
  if (end > reader.data.length) throw new UnreadableBatchError('it ends in the middle');
  while (reader.at < end) {
    const token = reader.byte();
    const literals = reader.length(token >> 4);
    out.append(reader.data, reader.at, reader.at + literals);
    reader.at += literals;
    if (reader.at >= end) break;
    const distance = reader.byte() | (reader.byte() << 8);
    out.repeat(distance, reader.length(token & 15) + MIN_MATCH);
  }
  if (reader.at !== end) throw new UnreadableBatchError('an LZ4 block is longer than it says');
}

class Reader {
  at = 0;

  constructor(readonly data: Buffer) {}

  byte(): number {
    const byte = this.data[this.at++];
    if (byte === undefined) throw new UnreadableBatchError('it ends in the middle');
    return byte;
  }

  uint32(): number {
    if (this.at + 4 > this.data.length) throw new UnreadableBatchError('it ends in the middle');
    this.at += 4;
    return this.data.readUInt32LE(this.at - 4);
  }

  skip(bytes: number): void {
    this.at += bytes;
  }

  length(short: number): number {
    let length = short;
    if (short !== LONG) return length;
    let byte: number;
    do length += byte = this.byte();
    while (byte === 255);
    return length;
  }
}
