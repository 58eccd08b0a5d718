import type { RejectSource } from '@orderstream/cassandra';
import type { CompiledStream, HeaderMapping } from '@orderstream/streams';

/** What an export adds to the original columns. */
export const ADDED = ['line', 'column', 'code', 'reason', 'stage', 'surplus'] as const;
export type Added = (typeof ADDED)[number];

export interface OriginalColumn {
  /** as it stood in the header */
  readonly name: string;
  /** the stream's name of it; undefined for a column that the stream does not know */
  readonly field: string | undefined;
  /** its further names in a JSON record */
  readonly aliases: readonly string[];
  /** where it lies in a nested record */
  readonly path: readonly string[] | undefined;
  /** of a column of objects, the fields that lie in them, and where there; a record of the sink has them flat */
  readonly inner: readonly { readonly field: string; readonly path: readonly string[] }[];
  /** false: a number, date, boolean or uuid */
  readonly isText: boolean;
}

/** The columns of the file a job came from: those of its CSV header, or the fields of its stream. */
export function originalColumns(stream: CompiledStream, source: RejectSource | undefined): readonly OriginalColumn[] {
  const header = source?.header ?? stream.definition.fields.map(({ name }) => name);
  const { indexByColumn, objectCells } = stream.mapHeader(header);
  const columnByIndex = new Map(indexByColumn.map((index, c) => [index, stream.columns[c]!]));
  return header.map((name, index) => {
    const column = columnByIndex.get(index);
    const { path, json: aliases = [] } = stream.definition.fields.find((field) => field.name === column?.name) ?? {};
    const isText = column === undefined || column.type === 'text';
    return { name, field: column?.name, aliases, path, inner: innerOf(stream, objectCells, index), isText };
  });
}

function innerOf(
  { columns, definition }: CompiledStream,
  objectCells: HeaderMapping['objectCells'],
  index: number,
): OriginalColumn['inner'] {
  const cell = objectCells.find((each) => each.index === index);
  if (!cell) return [];
  const depth = cell.name.split('.').length;
  const names = new Set(cell.columns.map((c) => columns[c]!.name));
  return definition.fields
    .filter(({ name }) => names.has(name))
    .map(({ name, path = [] }) => ({ field: name, path: path.slice(depth) }));
}

/** The names of the added columns; one that an original column has already gets `reject_` in front. */
export function addedNames(original: readonly OriginalColumn[]): Readonly<Record<Added, string>> {
  const taken = new Set(original.map(({ name }) => sameName(name)));
  const free = (name: string): string => (taken.has(name) ? free(`reject_${name}`) : name);
  return Object.fromEntries(ADDED.map((name) => [name, free(name)])) as Record<Added, string>;
}

/** As header cells are compared. */
export const sameName = (name: string): string => name.trim().toLowerCase().replace(/[\s-]/g, '_');
