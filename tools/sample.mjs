/**
 * Writes a seeded CSV file: npm run sample -- [--stream olist-orders] [--rows 1000] [--seed 1] [--out FILE].
 * Without --out it goes to the standard output. The same options give the same bytes.
 */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { builtInStreams, sampleCsv, StreamRegistry } from '@orderstream/streams';

const USAGE = 'Usage: npm run sample -- [--stream olist-orders] [--rows 1000] [--seed 1] [--out FILE]';

function readOptions() {
  const { values } = parseArgs({
    options: {
      stream: { type: 'string', default: 'olist-orders' },
      rows: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      out: { type: 'string' },
    },
  });
  if (!/^\d{1,15}$/.test(values.rows))
    throw new Error(`--rows must be a whole number of 0 or more, got ${values.rows}`);
  const registry = new StreamRegistry(builtInStreams());
  const stream = registry.byName(values.stream);
  if (!stream) {
    const names = registry.streams.map(({ name }) => name).join(', ');
    throw new Error(`There is no stream ${values.stream}; --stream must be one of ${names}`);
  }
  return { stream, rows: Number(values.rows), seed: values.seed, out: values.out };
}

async function main() {
  const { stream, rows, seed, out } = readOptions();
  const target = out === undefined ? process.stdout : createWriteStream(out);
  await pipeline(Readable.from(sampleCsv(stream, { rows, seed })), target);
}

try {
  await main();
} catch (error) {
  // A reader such as `head` may close the pipe early; that is no failure of the sample.
  if (error.code !== 'EPIPE') {
    process.stderr.write(`${error.message}\n${USAGE}\n`);
    process.exitCode = 1;
  }
}
