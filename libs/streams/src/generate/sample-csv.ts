import type { CompiledStream, Row } from '../stream.js';
import { textOfValue } from '../values/present-value.js';
import { formatTimestampSeconds } from '../values/timestamp.js';
import { createGenerator } from './create-generator.js';

export interface SampleOptions {
  /** number of records, 0 or more */
  readonly rows: number;
  readonly seed: number | string;
}

/** The span of the public Olist file; the records are spread over it evenly. */
const FIRST_MS = Date.UTC(2016, 8, 4, 21, 15, 19);
const LAST_MS = Date.UTC(2018, 9, 17, 17, 30, 18);

const ROWS_PER_CHUNK = 500;

/**
 * A seeded CSV file in chunks of text: a header with the fields of the stream in their order (no derived ones), then
 * `rows` records, lines ending in LF, timestamps as `YYYY-MM-DD HH:MM:SS` in UTC. The same options give the same text.
 */
export function* sampleCsv(stream: CompiledStream, { rows, seed }: SampleOptions): Generator<string, void> {
  if (!Number.isSafeInteger(rows) || rows < 0) throw new RangeError(`A sample has 0 rows or more, got ${rows}`);
  const ratePerSecond = (Math.max(rows, 1) * 1000) / (LAST_MS - FIRST_MS);
  const generator = createGenerator(stream, { seed, startTimeMs: FIRST_MS, ratePerSecond });
  yield `${stream.definition.fields.map(({ name }) => name).join(',')}\n`;
  let chunk = '';
  for (let index = 0; index < rows; index++) {
    chunk += csvLine(stream, generator.row(index));
    if ((index + 1) % ROWS_PER_CHUNK === 0) {
      yield chunk;
      chunk = '';
    }
  }
  if (chunk !== '') yield chunk;
}

function csvLine({ columns }: CompiledStream, row: Row): string {
  let line = '';
  for (let c = 0; c < columns.length && !columns[c]!.derived; c++) {
    const { type } = columns[c]!;
    const value = row[c];
    if (c > 0) line += ',';
    line +=
      type === 'timestamp' && typeof value === 'number'
        ? formatTimestampSeconds(value)
        : cell(textOfValue(type, value));
  }
  return `${line}\n`;
}

/** RFC 4180. */
const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
