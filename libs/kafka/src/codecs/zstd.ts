import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { UnreadableBatchError } from './unreadable-batch.error.js';

/** As node:zlib has it: what the highest level of compression uses. */
const MAX_WINDOW_BYTES = 128 * 1024 * 1024;

/** Undoes one zstd frame. Throws an UnreadableBatchError, or as node:zlib does. */
export const unzstd: (data: Buffer, maxBytes: number) => Promise<Buffer> | Buffer =
  // Node has it from 22.15 on.
  typeof zlib.zstdDecompress === 'function' ? unzstdByNode : unzstdInJavaScript;

async function unzstdByNode(data: Buffer, maxBytes: number): Promise<Buffer> {
  return promisify<Buffer, zlib.ZstdOptions, Buffer>(zlib.zstdDecompress)(data, { maxOutputLength: maxBytes });
}

export function unzstdInJavaScript(data: Buffer, maxBytes: number): Buffer {
  checkFrame(data);
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  const stream = new Decompress((piece) => {
    bytes += piece.length;
    if (bytes > maxBytes) throw UnreadableBatchError.tooLarge(maxBytes);
    pieces.push(piece);
  });
  stream.push(data, true);
  return Buffer.concat(pieces, bytes);
}

/** The decompressor believes what a frame says about its window, and takes that much memory; so it is looked at first. */
function checkFrame(data: Buffer): void {
  if (data.length < 9 || data.readUInt32LE(0) !== 0xfd2fb528) throw new UnreadableBatchError('it is no zstd frame');
  const flags = data[4]!;
  const isSingleSegment = (flags & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][flags & 3]!;
  const sizeBytes = flags >> 6 === 0 ? Number(isSingleSegment) : 1 << (flags >> 6);
  const sizeAt = 5 + Number(!isSingleSegment) + dictionaryBytes;
  const window = isSingleSegment ? contentSize(data, sizeAt, sizeBytes) : windowSize(data[5]!);
  if (window > MAX_WINDOW_BYTES) throw new UnreadableBatchError(`its zstd window has ${window} bytes`);
  if (frameEnd(data, sizeAt + sizeBytes) + (flags & 4) !== data.length) {
    throw new UnreadableBatchError('it is not exactly one zstd frame');
  }
}

const windowSize = (descriptor: number): number => 2 ** (10 + (descriptor >> 3)) * (1 + (descriptor & 7) / 8);

function contentSize(data: Buffer, at: number, bytes: number): number {
  if (at + bytes > data.length) return Infinity;
  return bytes === 8 ? Number(data.readBigUInt64LE(at)) : data.readUIntLE(at, bytes) + (bytes === 2 ? 256 : 0);
}

/** Where the last block ends; beyond the data when it is cut off. */
function frameEnd(data: Buffer, start: number): number {
  let at = start;
  let isLast = false;
  while (!isLast && at + 3 <= data.length) {
    const header = data.readUIntLE(at, 3);
    isLast = (header & 1) === 1;
    const isRepeat = ((header >> 1) & 3) === 1;
    at += 3 + (isRepeat ? 1 : header >> 3);
  }
  return isLast ? at : Infinity;
}
