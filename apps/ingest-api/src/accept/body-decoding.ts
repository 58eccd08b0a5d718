import { Readable, pipeline } from 'node:stream';
import { createGunzip, type Gunzip } from 'node:zlib';
import { ProblemError } from '@orderstream/contracts';
import { BodyDigest } from './body-digest.js';

export interface BodyLimits {
  /** bytes as they are sent, compressed or not */
  readonly maxBodyBytes: number;
  /** bytes after gzip is undone */
  readonly maxDecodedBytes: number;
  /** decoded bytes per compressed byte; judged after the first MiB */
  readonly maxGzipRatio: number;
}

export interface DecodedBody {
  /** Back-pressure reaches the body. Throws ProblemError, or what the body throws; never destroys the body. */
  readonly chunks: AsyncGenerator<Buffer>;
  /** of what was read so far; of the whole body once `chunks` has ended */
  readonly digest: BodyDigest;
}

/** Small bodies may expand as they like: a ratio says nothing about them. */
const RATIO_FROM_BYTES = 1024 * 1024;
const GZIP_CHUNK_BYTES = 64 * 1024;

/**
 * Undoes `Content-Encoding` with all caps. Throws ProblemError `unsupported_encoding` at once; the chunks throw
 * `body_too_large`, `gzip_ratio_exceeded` and `broken_gzip` (truncated, corrupt, or followed by something else; several
 * members one after another are fine).
 */
export function decodeBody(
  body: AsyncIterable<Buffer>,
  contentEncoding: string | undefined,
  limits: BodyLimits,
): DecodedBody {
  const encoding = contentEncoding?.trim().toLowerCase() || 'identity';
  const digest = new BodyDigest();
  const sent = capped(withoutDestroying(body), limits.maxBodyBytes);
  if (encoding === 'identity') return { chunks: digested(sent, digest, limits), digest };
  if (encoding === 'gzip' || encoding === 'x-gzip') {
    return { chunks: digested(gunzipped(sent, limits), digest, limits), digest };
  }
  throw new ProblemError('unsupported_encoding', `Content-Encoding ${encoding} is not taken. Send gzip or nothing.`);
}

/** Leaving the loop early leaves a stream as it is, so that its owner can still drain it and answer. */
export function withoutDestroying(body: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  return body instanceof Readable ? body.iterator({ destroyOnReturn: false }) : body;
}

async function* capped(body: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw new ProblemError(
        'body_too_large',
        `The body has more than the ${maxBytes} bytes that are allowed. Send it in parts.`,
      );
    yield chunk;
  }
}

async function* digested(
  chunks: AsyncIterable<Buffer>,
  digest: BodyDigest,
  { maxDecodedBytes }: BodyLimits,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    if (digest.bytes + chunk.length > maxDecodedBytes) {
      throw new ProblemError(
        'body_too_large',
        `The decoded body has more than the ${maxDecodedBytes} bytes that are allowed. Send it in parts.`,
      );
    }
    digest.add(chunk);
    yield chunk;
  }
}

async function* gunzipped(sent: AsyncGenerator<Buffer>, { maxGzipRatio }: BodyLimits): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: GZIP_CHUNK_BYTES });
  const tail = { lastNonZero: -1 };
  // The loop below sees every error; pipeline passes it on and ends the source when the loop is left.
  pipeline(watchTail(sent, tail), gunzip, () => undefined);
  let bytes = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      checkRatio(bytes, gunzip, maxGzipRatio);
      yield chunk;
    }
  } catch (error) {
    throw isZlibError(error) ? brokenGzip(error.message, error) : error;
  }
  // zlib takes zeros behind a member for padding and ignores them and whatever follows.
  if (tail.lastNonZero >= gunzip.bytesWritten) throw brokenGzip('other data follows it');
}

/** Notes the offset of the last byte that is not zero. */
async function* watchTail(sent: AsyncIterable<Buffer>, tail: { lastNonZero: number }): AsyncGenerator<Buffer> {
  let offset = 0;
  for await (const chunk of sent) {
    let last = chunk.length - 1;
    while (last >= 0 && chunk[last] === 0) last--;
    if (last >= 0) tail.lastNonZero = offset + last;
    offset += chunk.length;
    yield chunk;
  }
}

function checkRatio(bytes: number, gunzip: Gunzip, maxRatio: number): void {
  if (bytes <= RATIO_FROM_BYTES || bytes <= maxRatio * gunzip.bytesWritten) return;
  const detail = `The gzip data expands to more than ${maxRatio} times its size. Send it uncompressed or less redundant.`;
  throw new ProblemError('gzip_ratio_exceeded', detail);
}

const brokenGzip = (what: string, cause?: Error): ProblemError =>
  new ProblemError('broken_gzip', `The gzip data is broken: ${what}. Compress the file again.`, { cause });

const isZlibError = (error: unknown): error is Error =>
  /^Z_/.test(String((error as { code?: unknown } | undefined)?.code));
