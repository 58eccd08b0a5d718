import { MAX_JSON_RECORD_BYTES, type JsonItem } from './json-record.js';
import { openJsonItems } from './json-rows.js';
import { CR } from './quote-scan.js';
import type { RecognitionOptions } from './recognition.js';
import type { SplitResult } from './record-gathering.js';
import { splitRecords } from './record-splitter.js';
import type { OpenedRows } from './row-batch.js';

/**
 * Reads JSON lines up to the first object and says which stream it is; the batches follow on demand. Row numbers are
 * physical lines from 1; blank lines are no rows. Throws as `openJsonItems` does.
 */
export const openNdjson = (chunks: AsyncIterable<Buffer>, options: RecognitionOptions): Promise<OpenedRows> =>
  openJsonItems(lines(chunks), options);

async function* lines(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly JsonItem[], void> {
  for await (const split of splitRecords(chunks, { maxRecordBytes: MAX_JSON_RECORD_BYTES })) {
    const items = itemsOf(split);
    if (items.length > 0) yield items;
  }
}

/** Lines and faults in one order. */
function itemsOf({ records, faults }: SplitResult): JsonItem[] {
  const items: JsonItem[] = faults.map(({ line, code, reason, raw }) => ({ row: line, raw, fault: { code, reason } }));
  records?.starts.forEach((start, i) => {
    const end = records.starts[i + 1] ?? records.bytes.length;
    const raw = records.bytes.subarray(start, records.bytes[end - 2] === CR ? end - 2 : end - 1);
    if (!isWhiteSpace(raw)) items.push({ row: records.lines[i]!, raw });
  });
  return faults.length > 0 ? items.sort((a, b) => a.row - b.row) : items;
}

/** What JSON calls white space: a line of it is blank. */
const isWhiteSpace = (raw: Buffer): boolean => raw.every((byte) => byte === 32 || byte === 9 || byte === 13);
