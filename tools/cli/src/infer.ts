import { basename, extname } from 'node:path';
import { parseArgs } from 'node:util';
import { defineStream, definitionText, inferDefinition, InferenceError, type Inferred } from '@orderstream/streams';
import { readSample } from './sample.js';
import { inferFromTable } from './table.js';

export const INFER_USAGE = `orderstream streams infer FILE.csv|--table KEYSPACE.TABLE [--name NAME] [--key COLUMN,COLUMN] [--rows 10000] [--delimiter ;]
       writes a first definition of a stream to the standard output, as a file of STREAMS_DIR`;

/** The text of a definition file, with what was guessed as comments in front. Throws what is told to the user. */
export async function infer(argv: readonly string[]): Promise<string> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      table: { type: 'string' },
      name: { type: 'string' },
      key: { type: 'string' },
      rows: { type: 'string', default: '10000' },
      delimiter: { type: 'string' },
    },
  });
  const [file] = positionals;
  if ((file === undefined) === (values.table === undefined))
    throw new InferenceError('give either a file or --table, and one of them');
  const source = values.table ?? file!;
  const name = values.name ?? kebabCase(values.table?.split('.').at(-1) ?? basename(source, extname(source)));
  if (values.table !== undefined) return textOf(await inferFromTable(values.table, name));
  if (!/^[1-9]\d{0,5}$/.test(values.rows)) throw new InferenceError('--rows must be a whole number from 1 to 999999');
  const { header, rows, delimiter } = await readSample(source, {
    rows: Number(values.rows),
    delimiter: values.delimiter,
  });
  const key = values.key?.split(',').map((column) => column.trim());
  const { definition, notes } = inferDefinition(header, rows, { name, ...(key && { key }) });
  const said = `cells are divided by ${JSON.stringify(delimiter)}: upload with ?delimiter=${encodeURIComponent(delimiter)}`;
  return textOf({ definition, notes: delimiter === ',' ? notes : [...notes, said] });
}

function textOf({ definition, notes }: Inferred): string {
  const comments = ['a first definition: look at every line of it', ...notes].map((note) => `# ${note}\n`);
  return comments.join('') + definitionText(defineStream(definition));
}

/** `Bike Rentals_2026` → `bike-rentals-2026`, the name of a stream. */
function kebabCase(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return /^[a-z]/.test(plain) ? plain : `stream-${plain}`.replace(/-$/, '');
}
