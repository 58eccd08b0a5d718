import type { CompiledStream } from '@orderstream/streams';
import { csvLine } from '../reject/csv-line.js';
import { escapeCell } from '../reject/formula-safety.js';

/** RFC 4180. */
const LINE_END = '\r\n';

/** Writes records as one of the formats that `POST /ingest` takes. */
export interface RecordWriter {
  readonly contentType: string;
  readonly extension: string;
  /** what stands before the first record */
  readonly head: string;
  line(record: Readonly<Record<string, unknown>>): string;
}

/** Columns in the order of the definition; what a spreadsheet would take for a formula has a ' in front. */
export function csvWriter({ columns }: CompiledStream): RecordWriter {
  const cells = columns.map(({ name, type }) => ({ name, isText: type === 'text' }));
  return {
    contentType: 'text/csv; charset=utf-8',
    extension: 'csv',
    head: csvLine(columns.map(({ name }) => name)) + LINE_END,
    line: (record) => csvLine(cells.map(({ name, isText }) => cellOf(record[name], isText))) + LINE_END,
  };
}

export const ndjsonWriter = (): RecordWriter => ({
  contentType: 'application/x-ndjson; charset=utf-8',
  extension: 'ndjson',
  head: '',
  line: (record) => `${JSON.stringify(record)}\n`,
});

function cellOf(value: unknown, isText: boolean): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return escapeCell(value, isText);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return escapeCell(JSON.stringify(value));
}
