import { ByteOutput } from './byte-output.js';
import { UnreadableBatchError } from './unreadable-batch.error.js';

/** Java clients frame their blocks: this, two versions of four bytes each, then length and block, again and again. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const XERIAL_HEADER_BYTES = 16;

/** Undoes snappy, framed or a single block. Throws an UnreadableBatchError. */
export function unsnappy(data: Buffer, maxBytes: number): Buffer {
  const isFramed = data.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC);
  if (!isFramed) {
    const out = new ByteOutput(maxBytes);
    readBlock(data, out);
    return out.result;
  }
  const out = new ByteOutput(maxBytes, data.length * 2);
  let at = XERIAL_HEADER_BYTES;
  do {
    if (at + 4 > data.length) throw new UnreadableBatchError('it ends in the middle');
    const end = at + 4 + data.readUInt32BE(at);
    if (end > data.length) throw new UnreadableBatchError('it ends in the middle');
    readBlock(data.subarray(at + 4, end), out);
    at = end;
  } while (at < data.length);
  return out.result;
}

/** A length, then elements: bytes as they are, or a stretch of what was written before. */
function readBlock(block: Buffer, out: ByteOutput): void {
  const { value: length, next } = readVarInt(block);
  const end = out.length + length;
  let at = next;
  while (at < block.length) {
    const tag = block[at++]!;
    const kind = tag & 3;
    if (kind === 0) {
      const extra = Math.max(0, (tag >> 2) - 59); // 60 … 63: the length is in the next 1 … 4 bytes
      const count = 1 + (extra === 0 ? tag >> 2 : readLittleEndian(block, at, extra));
      at += extra;
      out.append(block, at, at + count);
      at += count;
    } else if (kind === 1) {
      out.repeat(((tag >> 5) << 8) | readLittleEndian(block, at, 1), 4 + ((tag >> 2) & 7));
      at += 1;
    } else {
      const bytes = kind === 2 ? 2 : 4;
      out.repeat(readLittleEndian(block, at, bytes), 1 + (tag >> 2));
      at += bytes;
    }
  }
  if (out.length !== end) throw new UnreadableBatchError('its length is not what it says');
}

function readVarInt(block: Buffer): { value: number; next: number } {
  let value = 0;
  for (let at = 0; at < 5; at++) {
    const byte = block[at];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return { value, next: at + 1 };
  }
  throw new UnreadableBatchError('it has no length');
}

function readLittleEndian(block: Buffer, at: number, bytes: number): number {
  if (at + bytes > block.length) throw new UnreadableBatchError('it ends in the middle');
  return block.readUIntLE(at, bytes);
}
