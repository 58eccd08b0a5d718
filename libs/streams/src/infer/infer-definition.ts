import type { FakeSpec, FieldDefinition, StatsDefinition, StreamInput } from '../definition.js';
import { defineStream } from '../define/define-stream.js';
import { SNAKE_CASE, TAKEN } from '../define/name-faults.js';
import { normaliseName } from '../read/header.js';
import { canonicalDecimal } from '../values/decimal.js';
import { ColumnProfile } from './column-profile.js';

export interface Inferred {
  /** passes `defineStream` */
  readonly definition: StreamInput;
  /** sentences about what was guessed and what to look at */
  readonly notes: readonly string[];
}

export interface InferOptions {
  /** kebab-case */
  readonly name: string;
  /** header cells that are the primary key together; default: the first column that tells rows apart */
  readonly key?: readonly string[];
}

/** No column tells the rows apart, or a header cell is not there. */
export class InferenceError extends Error {
  override readonly name = 'InferenceError';
}

/** As many different texts as a category has at most. */
const MAX_CATEGORIES = 50;
/** Of texts that are all different, a few are enough for the generator. */
const MAX_FAKE_VALUES = 12;
const QUANTITY = /quantity|qty|count|pieces|units/;
const REVENUE = /total|amount|revenue|price|cost/;
/** Room for `_2` within the 48 characters of a column. */
const MAX_NAME = 36;
const MAX_FAKE_SCALE = 6;
const MAX_FAKE_NUMBER = 1e14;

/**
 * A first definition of a stream from a sample of its CSV: the type that reads every value of a column, required where no
 * cell is blank, names as columns are written. Guesses are named in `notes`. Throws an InferenceError.
 */
export function inferDefinition(
  header: readonly string[],
  rows: Iterable<readonly string[]>,
  options: InferOptions,
): Inferred {
  // As an upload has it: a column without a name is ignored, and of two with the same the first is read.
  const cells = header.map(normaliseName);
  const places = cells.flatMap((cell, place) => (cell === '' || cells.indexOf(cell) < place ? [] : [place]));
  const columns = places.map((place) => new ColumnProfile(header[place]!.trim()));
  let count = 0;
  for (const row of rows) {
    count++;
    columns.forEach((column, c) => column.add(row[places[c]!] ?? ''));
  }
  if (columns.length === 0 || count === 0) throw new InferenceError('the sample needs a header and at least one row');
  const names = namesOf(columns.map((column) => column.header));
  const named = columns.map((column, c) => ({ column, name: names[c]! }));
  const key = keyOf(named, options.key);
  const fields = named.map((each) => fieldOf(each, key));
  const eventTime = fields.find(({ type, required }) => type === 'timestamp' && required)?.name;
  const stats = statsOf(named, fields, { key, eventTime });
  const definition: StreamInput = {
    name: options.name,
    description: `Rows like those of a sample of ${count}.`,
    key: { fields: [key[0]!], separator: '_' },
    primaryKey: {
      partition: [key[0]!],
      clustering: key.slice(1).map((field) => ({ field, order: 'asc' })),
    },
    fields,
    ...(eventTime && { eventTime }),
    ...(Object.keys(stats).length > 0 && { stats }),
  };
  defineStream(definition); // what is wrong with it is wrong here
  return { definition, notes: notesOf(named, fields, { key, count, isGiven: options.key !== undefined, stats }) };
}

interface Named {
  readonly column: ColumnProfile;
  readonly name: string;
}

/** snake_case, all different, and none that an upload takes for the header of another column. */
export function namesOf(headers: readonly string[]): string[] {
  const taken = new Set<string>(TAKEN);
  const meant = new Set(headers.map(normaliseName));
  return headers.map((header) => {
    const plain = header
      .normalize('NFKD')
      .replace(/([a-z\d])([A-Z])/g, '$1_$2')
      .toLowerCase()
      .replace(/[^a-z\d]+/g, '_')
      .replace(/^_+|_+$/g, '')
      .slice(0, MAX_NAME)
      .replace(/_+$/, '');
    const name = SNAKE_CASE.test(plain) ? plain : `column_${plain}`.replace(/_$/, '');
    for (let n = 1; ; n++) {
      const tried = n === 1 ? name : `${name}_${n}`;
      if (taken.has(tried) || (meant.has(tried) && tried !== normaliseName(header))) continue;
      taken.add(tried);
      return tried;
    }
  });
}

function keyOf(named: readonly Named[], given: readonly string[] | undefined): string[] {
  if (given !== undefined) {
    return given.map((wanted) => {
      const found = named.find(({ column, name }) => column.header === wanted || name === wanted);
      if (!found) throw new InferenceError(`there is no column ${wanted} for the key`);
      if (!found.column.isFull)
        throw new InferenceError(`column ${wanted} has blank cells, so it cannot be of the key`);
      return found.name;
    });
  }
  const unique = named.filter(
    ({ column }) => column.isUnique && column.type !== 'decimal' && column.type !== 'timestamp',
  );
  const best = unique.find(({ name }) => name === 'id' || name.endsWith('_id')) ?? unique[0];
  if (!best) throw new InferenceError('no column tells the rows apart; say which ones do together: --key a,b');
  return [best.name];
}

function fieldOf({ column, name }: Named, key: readonly string[]): FieldDefinition {
  const { type } = column;
  const fake = fakeOf(column, key.includes(name) && key.length === 1);
  return {
    name,
    type,
    ...(column.isFull && { required: true }),
    ...(normaliseName(column.header) !== name && { csv: [column.header] }),
    ...(fake && { fake }),
  };
}

/** So that the generator makes rows like these. */
function fakeOf(column: ColumnProfile, isKey: boolean): FakeSpec | undefined {
  switch (column.type) {
    case 'uuid':
      return { kind: 'uuid' };
    case 'int':
    case 'bigint':
    case 'decimal':
      return numberFake(column) ?? valuesFake(column);
    case 'timestamp':
    case 'date':
      return { kind: 'eventTime' };
    case 'boolean':
      return { kind: 'oneOf', values: ['true', 'false'] };
    default:
      return isKey ? { kind: 'runId' } : valuesFake(column);
  }
}

/** Between the least and the greatest number that was seen; undefined where these have too many digits for it. */
function numberFake({ type, range }: ColumnProfile): FakeSpec | undefined {
  const scale = Math.min(range.scale, MAX_FAKE_SCALE);
  const [min, max] = [range.min, range.max];
  if (Math.max(Math.abs(min), Math.abs(max)) * 10 ** scale > MAX_FAKE_NUMBER) return undefined;
  if (type !== 'decimal') return { kind: 'int', min, max };
  return { kind: 'decimal', min: plainDecimal(min, scale), max: plainDecimal(max, scale), scale };
}

function valuesFake({ distinct }: ColumnProfile): FakeSpec | undefined {
  return distinct.length === 0 ? undefined : { kind: 'oneOf', values: distinct.slice(0, MAX_FAKE_VALUES) };
}

const plainDecimal = (value: number, scale: number): string => canonicalDecimal(value.toFixed(scale)) ?? '0';

function statsOf(
  named: readonly Named[],
  fields: readonly FieldDefinition[],
  { key, eventTime }: { readonly key: readonly string[]; readonly eventTime: string | undefined },
): StatsDefinition {
  const free = fields.filter(({ name }) => !key.includes(name));
  const isCategory = (name: string): boolean => {
    const { column } = named.find((each) => each.name === name)!;
    return column.isFull && !column.isUnique && column.distinct.length <= MAX_CATEGORIES;
  };
  const category = free.find(({ name, type }) => type === 'text' && isCategory(name))?.name;
  // Adding up numbers that only look alike would be worse than no sum: their names have to say so.
  const quantity = free.find(({ name, type }) => (type === 'int' || type === 'bigint') && QUANTITY.test(name))?.name;
  const revenue = free.find(({ name, type }) => type === 'decimal' && REVENUE.test(name))?.name;
  return {
    ...(eventTime && { time: eventTime }),
    ...(category && { category }),
    ...(quantity && { quantity }),
    ...(revenue && { revenue }),
  };
}

interface Guessed {
  readonly key: readonly string[];
  readonly count: number;
  readonly isGiven: boolean;
  readonly stats: StatsDefinition;
}

function notesOf(
  named: readonly Named[],
  fields: readonly FieldDefinition[],
  { key, count, isGiven, stats }: Guessed,
): string[] {
  const formats = new Set(named.flatMap(({ column }) => column.format ?? []));
  const renamed = fields.filter(({ csv }) => csv).map(({ name, csv }) => `${csv![0]} → ${name}`);
  const counted = Object.entries(stats).map(([what, name]) => `${what} ${String(name)}`);
  const empty = named.filter(({ column }) => column.distinct.length === 0).map(({ name }) => name);
  return [
    ...(isGiven
      ? []
      : [
          `the key is ${key.join(', ')}, because no two of the ${count} rows have the same; look whether that is so for all`,
        ]),
    ...[...formats].map(
      (format) => `times are of the form ${format}: upload with ?timestampFormat=${encodeURIComponent(format)}`,
    ),
    ...(formats.size > 1 ? ['an upload takes one form for all times; those of the others are rejected'] : []),
    ...(renamed.length > 0 ? [`columns have other names in the table: ${renamed.join(', ')}`] : []),
    ...(counted.length > 0
      ? [`statistics count by ${counted.join(', ')}, for these have the types and names of such`]
      : []),
    ...(empty.length > 0 ? [`nothing is known of ${empty.join(', ')}: all cells are blank, so they are text`] : []),
  ];
}
