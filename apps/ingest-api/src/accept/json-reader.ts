import { isUtf8 } from 'node:buffer';
import { ProblemError } from '@orderstream/contracts';
import { RowFaults } from '@orderstream/streams';
import { ArraySplitter, isWhiteSpace, type ElementSplit } from './array-splitter.js';
import { MAX_JSON_RECORD_BYTES, parseJson, isJsonObject, type JsonItem } from './json-record.js';
import { openJsonItems } from './json-rows.js';
import type { RecognitionOptions } from './recognition.js';
import { inKiB } from './record-fault.js';
import type { OpenedRows } from './row-batch.js';

const OPEN_BRACKET = 91;

/** One object as the whole body, or the rows of an array. */
export type OpenedJson =
  { readonly kind: 'single'; readonly value: object } | { readonly kind: 'array'; readonly rows: OpenedRows };

/**
 * Reads a JSON body: one object whole, an array element by element (row numbers are indices from 0). Throws ProblemError
 * `bad_json` (no JSON, neither object nor array), `body_too_large` (one object over 1 MiB) and what `openJsonItems` does;
 * the batches throw `broken_json`, after the rows before the broken place.
 */
export async function openJson(chunks: AsyncGenerator<Buffer, void>, options: RecognitionOptions): Promise<OpenedJson> {
  const { first, offset } = await skipWhiteSpace(chunks);
  if (!first) throw new ProblemError('bad_json', 'The body is empty. Send an object, or an array of objects.');
  if (first[0] === OPEN_BRACKET) {
    const items = elements(first.subarray(1), chunks, new ArraySplitter(offset + 1));
    return { kind: 'array', rows: await openJsonItems(items, options) };
  }
  return { kind: 'single', value: objectOf(await readWhole(first, chunks)) };
}

/** The chunk from its first byte that is not white space, and how many bytes came before. */
async function skipWhiteSpace(chunks: AsyncGenerator<Buffer, void>): Promise<{ first?: Buffer; offset: number }> {
  for (let offset = 0; ;) {
    const { value: chunk, done } = await chunks.next();
    if (done) return { offset };
    const begin = chunk.findIndex((byte) => !isWhiteSpace(byte));
    if (begin >= 0) return { first: chunk.subarray(begin), offset: offset + begin };
    offset += chunk.length;
  }
}

async function* elements(
  first: Buffer,
  chunks: AsyncGenerator<Buffer, void>,
  splitter: ArraySplitter,
): AsyncGenerator<readonly JsonItem[], void> {
  try {
    yield* itemsOf(splitter.push(first));
    for await (const chunk of chunks) yield* itemsOf(splitter.push(chunk));
    const failure = splitter.end();
    if (failure) throw failure;
  } finally {
    await chunks.return(undefined);
  }
}

function* itemsOf({ items, failure }: ElementSplit): Generator<readonly JsonItem[]> {
  if (items.length > 0) yield items;
  if (failure) throw failure;
}

async function readWhole(first: Buffer, chunks: AsyncGenerator<Buffer, void>): Promise<Buffer> {
  const parts = [first];
  let bytes = first.length;
  for await (const chunk of chunks) {
    parts.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_JSON_RECORD_BYTES) break;
  }
  if (bytes <= MAX_JSON_RECORD_BYTES) return Buffer.concat(parts);
  throw new ProblemError(
    'body_too_large',
    `One JSON object may have ${inKiB(MAX_JSON_RECORD_BYTES)}. Send many as an array or as JSON lines.`,
  );
}

function objectOf(body: Buffer): object {
  if (!isUtf8(body)) throw new ProblemError('bad_json', 'The body is not UTF-8. Encode it as UTF-8.');
  const parsed = parseJson(body.toString('utf8'));
  if (parsed instanceof RowFaults) {
    const detail = `${parsed.faults[0].reason} Several objects, one per line, are application/x-ndjson.`;
    throw new ProblemError('bad_json', detail);
  }
  if (isJsonObject(parsed.value)) return parsed.value;
  throw new ProblemError(
    'bad_json',
    'The body is neither an object nor an array. Send an object, or an array of objects.',
  );
}
