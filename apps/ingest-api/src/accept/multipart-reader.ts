import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { MAX_FILES } from '../track/file-keys.js';
import { decodeBody, type BodyLimits } from './body-decoding.js';
import { brokenMultipart, FileQueue } from './file-queue.js';

export interface MultipartFile {
  /** name of the form field */
  readonly field: string;
  /** without any path */
  readonly filename: string | undefined;
  readonly contentType: string;
  /** To be read, once, before the next file is asked for; what is left of it then is skipped. */
  readonly stream: AsyncIterable<Buffer>;
}

export interface MultipartBody {
  readonly contentType: string;
  readonly contentEncoding?: string;
  /** never destroyed by the reader */
  readonly body: AsyncIterable<Buffer>;
  /** of the whole body, all files together */
  readonly limits: BodyLimits;
  /** what is wrong with a part that is a field and no file, if anything; it ends the body */
  readonly refuseField?: (name: string) => Error | undefined;
}

export interface MultipartFiles {
  readonly files: AsyncGenerator<MultipartFile>;
  /** parts that were skipped because they are no files; grows while the files are read */
  readonly warnings: readonly string[];
}

/** Bytes, where it is not a number of things. */
const LIMITS = {
  parts: MAX_FILES + 100,
  files: MAX_FILES,
  fields: 100,
  fieldSize: 64 * 1024,
  headerPairs: 100,
  headerSize: 16 * 1024,
};

/**
 * The files of a `multipart/form-data` body one after another, with back-pressure and without buffering a file. A part
 * is a file when it has a file name or a content type other than text/plain. Throws ProblemError `unsupported_encoding`;
 * the files throw `broken_multipart` (no boundary, cut off, no file, too many parts) and what decoding throws, and so
 * does the stream of the file that is cut off.
 */
export function readMultipart({
  contentType,
  contentEncoding,
  body,
  limits,
  refuseField = () => undefined,
}: MultipartBody): MultipartFiles {
  const { chunks } = decodeBody(body, contentEncoding, limits);
  const warnings: string[] = [];
  const onField = (field: string): Error | undefined => {
    warnings.push(`part ${field} is not a file and is ignored`);
    return refuseField(field);
  };
  return { files: filesOf(contentType, chunks, onField), warnings };
}

async function* filesOf(
  contentType: string,
  chunks: AsyncGenerator<Buffer>,
  onField: (name: string) => Error | undefined,
): AsyncGenerator<MultipartFile> {
  const parser = parserOf(contentType);
  const queue = new FileQueue(parser);
  parser.on('field', (field) => {
    const refusal = onField(field);
    if (refusal) queue.refuse(refusal);
  });
  const stop = new AbortController();
  void pump(chunks, parser, queue, stop.signal);
  let count = 0;
  try {
    for (let file = await queue.next(); file; file = await queue.next()) {
      count++;
      const { field, filename, contentType: type } = file;
      yield { field, filename, contentType: type, stream: queue.read(file) };
      await queue.skip(file);
    }
    if (count === 0) throw brokenMultipart('it has no file');
  } finally {
    stop.abort();
  }
}

function parserOf(contentType: string): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: LIMITS,
      isPartAFile: (_, type, fileName) => fileName !== undefined || (type !== undefined && type !== 'text/plain'),
    });
  } catch (error) {
    throw brokenMultipart((error as Error).message, error);
  }
}

/** Feeds the parser no faster than the files are read. Never rejects: the queue tells what goes wrong. */
async function pump(
  chunks: AsyncIterable<Buffer>,
  parser: BusboyInstance,
  queue: FileQueue,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const chunk of chunks) {
      await taken(parser, chunk, signal);
      if (signal.aborted) return;
    }
    parser.end();
  } catch (error) {
    queue.fail(error as Error);
  }
}

/** Resolves once the parser has room for more, or nobody wants its files any more. */
const taken = (parser: BusboyInstance, chunk: Buffer, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const go = (): void => {
      signal.removeEventListener('abort', go);
      resolve();
    };
    signal.addEventListener('abort', go);
    parser.write(chunk, go);
  });
