import { parse } from 'csv-parse/sync';
import type { SoundRecords } from './record-gathering.js';

/** Cells of each record, one array per record. Throws Error when the parser and the splitter disagree, which is our fault. */
export function cellsOf(records: SoundRecords, delimiter: string): string[][] {
  const cells = records.quoted ? parseQuoted(records.bytes, delimiter) : cutBare(records.bytes, delimiter);
  if (cells.length === records.lines.length) return cells;
  throw new Error(
    `The CSV parser found ${cells.length} records, the splitter ${records.lines.length}, from line ${records.lines[0]}`,
  );
}

/** Without quotes a cell is what stands between two delimiters; this is ten times as fast as parsing. */
function cutBare(bytes: Buffer, delimiter: string): string[][] {
  const lines = bytes.toString('utf8', 0, bytes.length - 1).split('\n');
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line).split(delimiter));
}

function parseQuoted(bytes: Buffer, delimiter: string): string[][] {
  return parse(bytes, {
    delimiter,
    record_delimiter: ['\r\n', '\n'],
    // The reader of the stream judges the length, so that it is a fault of the row.
    relax_column_count: true,
  });
}
