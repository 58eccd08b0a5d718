import type { RejectSource } from '@orderstream/cassandra';
import { ProblemError, type RowFault } from '@orderstream/contracts';
import { RowFaults, type CompiledStream, type Row } from '@orderstream/streams';
import { cellsOf } from '../accept/csv-cells.js';
import { readHeader } from '../accept/csv-reader.js';
import { delimiterOf } from '../accept/delimiter.js';
import { recogniseHeader } from '../accept/recognition.js';
import type { SplitResult } from '../accept/record-gathering.js';
import { MAX_JSON_RECORD_BYTES } from '../accept/json-record.js';
import { splitRecords } from '../accept/record-splitter.js';
import { csvLine } from './csv-line.js';
import { unescapeCell } from './formula-safety.js';
import type { OpenReject } from './open-rejects.js';
import { addedNames, originalColumns, sameName, type OriginalColumn } from './reject-columns.js';
import { CLEARED, repairedCells, tellsNullFromAbsent, type RepairedCells } from './repaired-cells.js';

/** One row of a file of repaired rows. */
export interface RepairRow {
  /** what its `line` says; NaN when that is no number, undefined when there is no such column */
  readonly line: number | undefined;
  /** by the forms in which that row was handed out */
  readonly read: (reject: OpenReject) => Row | RowFaults;
  /** the row as it would have come in the original file */
  readonly raw: () => Buffer;
}

export interface RepairFile {
  readonly hasLine: boolean;
  /** to be read once */
  readonly rows: AsyncIterable<RepairRow>;
}

export interface RepairedJob {
  readonly stream: CompiledStream;
  readonly source: RejectSource | undefined;
}

const WHOLE = /^\d{1,10}$/;
/** What is exported of the largest record: its quotes doubled, and the columns that say what is wrong. */
const MAX_REPAIR_RECORD_BYTES = 2 * MAX_JSON_RECORD_BYTES + 64 * 1024;

/**
 * Reads a file as `rejects.csv` is one, perhaps without the columns that were added or with those of the stream in
 * another order. Throws as `openCsv` does.
 */
export async function openRepair(
  chunks: AsyncIterable<Buffer>,
  { stream, source }: RepairedJob,
  givenDelimiter: string | undefined,
): Promise<RepairFile> {
  const delimiter = delimiterOf(givenDelimiter === undefined ? {} : { delimiter: givenDelimiter });
  const splits = splitRecords(chunks, { maxRecordBytes: MAX_REPAIR_RECORD_BYTES, delimiter: delimiter.charCodeAt(0) });
  const { header: cells, rest } = await readHeader(splits, delimiter);
  const header = cells.map(unescapeCell);
  const columns = originalColumns(stream, source);
  const added = addedNames(columns);
  const addedSet = new Set<string>(Object.values(added));
  // A column without a name is ignored.
  const own = header.map((name) => (addedSet.has(sameName(name)) ? '' : name));
  const { mapping } = recogniseHeader(own, { stream, registry: NONE });
  const line = header.findIndex((name) => sameName(name) === added.line);
  const reader = new RepairReader(repairedCells(stream, source, mapping), line, rawWriter(own, columns, source));
  return { hasLine: line >= 0, rows: reader.rows(rest, splits, delimiter) };
}

/** The stream is known. */
const NONE = { recognise: () => ({ candidates: [] }) };

class RepairReader {
  constructor(
    private readonly readers: RepairedCells,
    private readonly line: number,
    private readonly rawOf: (cells: readonly string[]) => Buffer,
  ) {}

  async *rows(
    first: SplitResult,
    splits: AsyncGenerator<SplitResult, void>,
    delimiter: string,
  ): AsyncGenerator<RepairRow, void> {
    yield* this.split(first, delimiter);
    for await (const split of splits) yield* this.split(split, delimiter);
  }

  /** Rows and faults in the order of the file. */
  private *split({ records, faults }: SplitResult, delimiter: string): Generator<RepairRow> {
    const cells = records && records.lines.length > 0 ? cellsOf(records, delimiter) : [];
    let f = 0;
    for (let i = 0; i <= cells.length; i++) {
      const at = i < cells.length ? records!.lines[i]! : Infinity;
      for (; f < faults.length && faults[f]!.line < at; f++) {
        const { code, reason, raw } = faults[f]!;
        yield this.broken({ code, reason }, raw);
      }
      if (i < cells.length) yield this.row(cells[i]!.map(unescapeCell));
    }
  }

  private row(cells: readonly string[]): RepairRow {
    const { ofDoor, ofSink } = this.readers;
    return {
      line: this.lineIn(cells),
      read: ({ letter }) => (letter === undefined ? ofDoor(cells) : ofSink(cells)),
      raw: () => this.rawOf(cells),
    };
  }

  /** Which row it is for cannot be told from it. */
  private broken(fault: RowFault, raw: Buffer): RepairRow {
    return { line: this.line < 0 ? undefined : NaN, read: () => new RowFaults([fault]), raw: () => raw };
  }

  private lineIn(cells: readonly string[]): number | undefined {
    if (this.line < 0) return undefined;
    const text = cells[this.line]?.trim() ?? '';
    return WHOLE.test(text) ? Number(text) : NaN;
  }
}

/** Cells of the repaired file → a record of the original one. */
function rawWriter(
  header: readonly string[],
  columns: readonly OriginalColumn[],
  source: RejectSource | undefined,
): (cells: readonly string[]) => Buffer {
  const indexByName = new Map(header.map((name, index) => [sameName(name), index] as const).reverse());
  const indexes = columns.map(({ name }) => indexByName.get(sameName(name)) ?? -1);
  const clears = tellsNullFromAbsent(source);
  return (cells) => {
    const original = indexes.map((index) => cells[index] ?? '');
    if (source?.format === 'csv') return Buffer.from(csvLine(original, source.delimiter));
    const set = columns.map(({ name }, i) => [name, original[i]!] as const).filter(([, cell]) => cell !== '');
    const fields = set.map(([name, cell]) => [name, clears && cell === CLEARED ? null : cell] as const);
    return Buffer.from(JSON.stringify(Object.fromEntries(fields)));
  };
}

/** The rows where nothing says which is which: they are for the open rejects in order. */
export async function rowsInOrder(rows: AsyncIterable<RepairRow>, open: readonly number[]): Promise<RepairRow[]> {
  const taken: RepairRow[] = [];
  let bytes = 0;
  for await (const row of rows) {
    bytes += row.raw().length;
    if (taken.length >= open.length || bytes > MAX_IN_ORDER_BYTES) throw needsLine(open.length);
    taken.push({ ...row, line: open[taken.length]! });
  }
  if (taken.length !== open.length) throw needsLine(open.length);
  return taken;
}

/** All rows are held until their number is known. */
const MAX_IN_ORDER_BYTES = 32 * 1024 * 1024;

const needsLine = (open: number): ProblemError =>
  new ProblemError(
    'repair_needs_line',
    `the file has no column line, and not as many rows as the ${open} that are rejected (or more than ` +
      `${MAX_IN_ORDER_BYTES / 1024 / 1024} MiB of them); keep the column line of rejects.csv`,
  );
