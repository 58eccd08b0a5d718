import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { parse } from 'csv-parse';

export interface SampleOptions {
  /** at most so many */
  readonly rows: number;
  /** default: the one that the first line has most of */
  readonly delimiter?: string | undefined;
}

const DELIMITERS = [',', ';', '\t', '|'];
const HEAD_BYTES = 64 * 1024;

/** The first rows of a CSV file. Rejects as the file system and csv-parse do. */
export async function readSample(
  file: string,
  { rows: limit, delimiter: given }: SampleOptions,
): Promise<{ header: string[]; rows: string[][]; delimiter: string }> {
  const options = { bom: true, relax_column_count: true, skip_empty_lines: true };
  const delimiter = given ?? (await delimiterOf(file));
  const parser = parse({ ...options, delimiter });
  const source = createReadStream(file);
  source.pipe(parser);
  source.once('error', (error) => parser.destroy(error));
  const lines: string[][] = [];
  for await (const line of parser as AsyncIterable<string[]>) if (lines.push(line) > limit) break;
  source.destroy();
  const [header = [], ...rows] = lines;
  return { header, rows, delimiter };
}

async function delimiterOf(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const [line = ''] = buffer.toString('utf8', 0, bytesRead).split('\n');
    const countOf = (delimiter: string): number => line.split(delimiter).length;
    return DELIMITERS.reduce((best, each) => (countOf(each) > countOf(best) ? each : best));
  } finally {
    await handle.close();
  }
}
