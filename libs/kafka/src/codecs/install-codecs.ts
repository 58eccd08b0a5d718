import { promisify } from 'node:util';
import zlib from 'node:zlib';
import kafkajs from 'kafkajs';
import { unlz4 } from './lz4.js';
import { unsnappy } from './snappy.js';
import { UnreadableBatchError } from './unreadable-batch.error.js';
import { unreadableRecords } from './unreadable-records.js';
import { unzstd } from './zstd.js';

/**
 * Of one batch. A broker takes 1 MiB compressed unless told otherwise, and JSON shrinks to a thirtieth at best; a batch
 * that is made to expand a thousandfold must not take the memory of all streams.
 */
export const MAX_BATCH_BYTES = 64 * 1024 * 1024;

type Decompress = (data: Buffer, maxBytes: number) => Promise<Buffer> | Buffer;

const { CompressionCodecs, CompressionTypes } = kafkajs;
const gzip = promisify<zlib.InputType, Buffer>(zlib.gzip);
const unzip = promisify<zlib.InputType, zlib.ZlibOptions, Buffer>(zlib.unzip);

export const gunzip: Decompress = (data, maxOutputLength) => unzip(data, { maxOutputLength });

/** kafkajs reads gzip only, of any size; anyone's producer may use any codec. Its table is one per process. */
export function installCodecs(maxBytes: number): void {
  const codecOf = (decompress: Decompress) => () => ({
    compress: notWritten,
    decompress: (data: Buffer) => decompressed(decompress, data, maxBytes),
  });
  CompressionCodecs[CompressionTypes.GZIP] = () => ({
    ...codecOf(gunzip)(),
    compress: ({ buffer }: { buffer: Buffer }) => gzip(buffer),
  });
  CompressionCodecs[CompressionTypes.Snappy] = codecOf(unsnappy);
  CompressionCodecs[CompressionTypes.LZ4] = codecOf(unlz4);
  CompressionCodecs[CompressionTypes.ZSTD] = codecOf(unzstd);
}

/** An error here would end the consumer, with all its partitions: what cannot be had becomes records that say so. */
export async function decompressed(decompress: Decompress, data: Buffer, maxBytes: number): Promise<Buffer> {
  try {
    return await decompress(data, maxBytes);
  } catch (error) {
    const told = toldOf(error, maxBytes);
    const instead = unreadableRecords(data, told.what);
    if (!instead) throw told;
    return instead;
  }
}

function toldOf(error: unknown, maxBytes: number): UnreadableBatchError {
  if (error instanceof UnreadableBatchError) return error;
  if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') return UnreadableBatchError.tooLarge(maxBytes);
  return new UnreadableBatchError(error instanceof Error ? error.message : String(error), error);
}

function notWritten(): Promise<never> {
  return Promise.reject(new Error('this codec is for reading only; send with gzip, or with no compression'));
}
