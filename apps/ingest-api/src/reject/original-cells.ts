import { isUtf8 } from 'node:buffer';
import type { RejectSource } from '@orderstream/cassandra';
import { decimalOfNumber, parseJsonText, withExactNumbers, withoutExponent } from '@orderstream/streams';
import { parse } from 'csv-parse/sync';
import { isJsonObject } from '../accept/json-record.js';
import type { OriginalColumn } from './reject-columns.js';
import { CLEARED, tellsNullFromAbsent } from './repaired-cells.js';

/** What a refused row had in the original columns. */
export interface OriginalCells {
  readonly cells: readonly string[];
  /** what did not fit: cells beyond the header, or a text that is no JSON object */
  readonly surplus: string | undefined;
  /** `latin1`: the row is not UTF-8, and each character stands for one byte of it */
  readonly encoding: 'utf8' | 'latin1';
}

/** The row as it came → its cells, as far as they can be told apart. Never throws. */
export function cellsOfRaw(
  raw: Uint8Array,
  columns: readonly OriginalColumn[],
  source: RejectSource | undefined,
): OriginalCells {
  const encoding = isUtf8(raw) ? 'utf8' : 'latin1';
  const text = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString(encoding);
  if (source?.format !== 'csv') return { ...cellsOfJson(text, columns, cellTexts(source)), encoding };
  const delimiter = source.delimiter ?? ',';
  const found = cutCells(text, delimiter);
  const surplus = found.length > columns.length ? found.slice(columns.length).join(delimiter) : undefined;
  return { cells: columns.map((_, i) => found[i] ?? ''), surplus, encoding };
}

/** How a cell says what a JSON value can say and a text cannot. */
export interface CellTexts {
  /** for null and '' */
  readonly blank: string;
  /** of numbers */
  readonly decimalMark: '.' | ',';
}

/** Of records in the standard forms, as the sink's are. */
export const standardTexts = (source: RejectSource | undefined): CellTexts => ({
  blank: tellsNullFromAbsent(source) ? CLEARED : '',
  decimalMark: '.',
});

const cellTexts = (source: RejectSource | undefined): CellTexts => ({
  ...standardTexts(source),
  decimalMark: source?.reading?.decimalComma ? ',' : '.',
});

/** JSON text → the fields that have a column. */
export function cellsOfJson(
  text: string,
  columns: readonly OriginalColumn[],
  texts: CellTexts,
): Omit<OriginalCells, 'encoding'> {
  const record = objectIn(text, texts);
  if (!record) return { cells: columns.map(() => ''), surplus: text };
  const cellOf = ({ name, field = name, aliases, path, inner }: OriginalColumn): string => {
    const own = record.has(field) ? field : aliases.find((alias) => record.has(alias));
    const value = path && own === undefined ? valueAt(record, path, texts) : record.get(own ?? field);
    return textOf(value ?? (inner.length > 0 ? objectOf(record, inner) : value), texts);
  };
  return { cells: columns.map(cellOf), surplus: undefined };
}

/** One field of JSON text, as text; undefined where there is none. */
export const fieldText = (text: string, name: string): string | undefined => {
  const value = objectIn(text)?.get(name);
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
};

/** A number that would lose digits is its text: what is handed out to be corrected is what came. */
function objectIn(text: string, texts?: CellTexts): ReadonlyMap<string, unknown> | undefined {
  const value = parseJsonText(text, (json) => withExactNumbers(json, texts?.decimalMark));
  return isJsonObject(value) ? new Map(Object.entries(value)) : undefined;
}

/** The object of fields that lie flat in the record; undefined where there are none. */
function objectOf(record: ReadonlyMap<string, unknown>, inner: OriginalColumn['inner']): object | undefined {
  const entries = inner
    .filter(({ field }) => record.has(field))
    .map(({ field, path }) => [path, record.get(field)] as const);
  return entries.length === 0 ? undefined : nested(entries);
}

function nested(entries: readonly (readonly [readonly string[], unknown])[]): object {
  const keys = [...new Set(entries.map(([[key]]) => key!))];
  return Object.fromEntries(
    keys.map((key) => {
      const under = entries.filter(([[first]]) => first === key).map(([[, ...rest], value]) => [rest, value] as const);
      return [key, under[0]![0].length === 0 ? under[0]![1] : nested(under)];
    }),
  );
}

/** A field inside an object of the record, or under its dotted name. */
function valueAt(record: ReadonlyMap<string, unknown>, path: readonly string[], texts: CellTexts): unknown {
  const dotted = path.join('.');
  if (record.has(dotted)) return record.get(dotted);
  const [first = '', ...rest] = path;
  return rest.reduce<unknown>((value, key) => inside(value, key, texts), record.get(first));
}

/** What is in a blank is blank too; an object may be a text with its JSON. */
function inside(value: unknown, key: string, texts: CellTexts): unknown {
  if (value === null || value === '') return null;
  if (typeof value === 'string') return objectIn(value, texts)?.get(key);
  return typeof value === 'object' && value ? new Map(Object.entries(value)).get(key) : undefined;
}

function textOf(value: unknown, { blank, decimalMark }: CellTexts): string {
  if (value === undefined) return '';
  if (value === null || value === '') return blank;
  if (typeof value === 'number') return plainText(value).replace('.', decimalMark);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** No column reads an exponent from a text. The digits are those that came, not all that the double has. */
const plainText = (value: number): string =>
  Number.isInteger(value) ? withoutExponent(String(value)) : (decimalOfNumber(value) ?? String(value));

/** A record whose quotes are broken is read as well as can be, at last by its delimiters only. */
function cutCells(text: string, delimiter: string): string[] {
  if (!text.includes('"')) return text.split(delimiter);
  return parsed(text, delimiter, false) ?? parsed(text, delimiter, true) ?? text.split(delimiter);
}

function parsed(text: string, delimiter: string, relaxQuotes: boolean): string[] | undefined {
  try {
    const records = parse(text, {
      delimiter,
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      relax_quotes: relaxQuotes,
    });
    return records.length === 1 ? records[0] : undefined;
  } catch {
    return undefined;
  }
}
