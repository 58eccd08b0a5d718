import { ProblemError } from '@orderstream/contracts';
import { RowFaults } from '@orderstream/streams';
import { isJsonObject, parseJsonItem, readRecord, type JsonItem } from './json-record.js';
import { readingOf, recogniseRecord, type RecognitionOptions } from './recognition.js';
import { BATCH_BYTES, BATCH_ROWS, BatchBuilder, type OpenedRows, type RowBatch } from './row-batch.js';
import { SurplusFields } from './surplus-fields.js';

/**
 * JSON records, from lines or from an array: the fields of the first one that is an object say which stream it is, unless
 * the options do. Throws ProblemError `no_header` (nothing there), `bad_json` (no object among the first thousand) or
 * `unknown_header`, and what the items throw.
 */
export async function openJsonItems(
  groups: AsyncGenerator<readonly JsonItem[], void>,
  options: RecognitionOptions,
): Promise<OpenedRows> {
  try {
    const { names, seen } = options.stream ? { names: [], seen: [] } : await readToFirstObject(groups);
    const stream = recogniseRecord(names, options);
    const surplus = new SurplusFields('field', stream.name);
    const into = { stream, reading: readingOf(stream, options), surplus, extra: options.extra };
    const add = function* (builder: BatchBuilder, items: readonly JsonItem[]): Generator<RowBatch> {
      for (const item of items) {
        const parsed = parseJsonItem(item);
        const read = parsed instanceof RowFaults ? parsed : readRecord(parsed.value, into);
        builder.add(item.row, read, item.raw.length, () => Buffer.from(item.raw));
        if (builder.isFull) yield builder.take();
      }
    };
    return {
      stream,
      batches: batchesOf(new BatchBuilder(stream), seen, groups, add),
      get warnings() {
        return surplus.warnings();
      },
      close: async () => void (await groups.return(undefined)),
    };
  } catch (error) {
    await groups.return(undefined);
    throw error;
  }
}

/** Rows before a failure of the body are handed on first, so that what is read does not depend on where a batch ends. */
async function* batchesOf(
  builder: BatchBuilder,
  seen: readonly JsonItem[],
  groups: AsyncGenerator<readonly JsonItem[], void>,
  add: (builder: BatchBuilder, items: readonly JsonItem[]) => Generator<RowBatch>,
): AsyncGenerator<RowBatch> {
  try {
    yield* add(builder, seen);
    for await (const items of groups) yield* add(builder, items);
  } catch (error) {
    yield* builder.rest();
    throw error;
  } finally {
    await groups.return(undefined);
  }
  yield* builder.rest();
}

/** The field names of the first object, and all items up to the end of its group. Holds no more than one batch. */
async function readToFirstObject(
  groups: AsyncGenerator<readonly JsonItem[], void>,
): Promise<{ names: string[]; seen: JsonItem[] }> {
  const seen: JsonItem[] = [];
  let bytes = 0;
  while (seen.length < BATCH_ROWS && bytes < BATCH_BYTES) {
    const { value: items, done } = await groups.next();
    if (done) break;
    seen.push(...items);
    for (const item of items) {
      bytes += item.raw.length;
      const parsed = parseJsonItem(item);
      if (!(parsed instanceof RowFaults) && isJsonObject(parsed.value))
        return { names: Object.keys(parsed.value), seen };
    }
  }
  if (seen.length === 0)
    throw new ProblemError('no_header', 'The body has no record. Send at least one, or say the stream with ?stream=.');
  throw nothingIsAnObject(seen);
}

function nothingIsAnObject(seen: readonly JsonItem[]): ProblemError {
  const errors = seen.slice(0, 5).map((item) => {
    const parsed = parseJsonItem(item);
    const detail = parsed instanceof RowFaults ? parsed.faults[0].reason : 'Not an object.';
    return { detail, row: item.row };
  });
  const detail = `None of the first ${seen.length} records is a JSON object. Check the content type, and send objects.`;
  return new ProblemError('bad_json', detail, { errors });
}
