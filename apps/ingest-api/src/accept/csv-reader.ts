import { ProblemError } from '@orderstream/contracts';
import type { CompiledStream, ReadCells } from '@orderstream/streams';
import { unescapeCell } from '../reject/formula-safety.js';
import { cellsOf } from './csv-cells.js';
import { CR, QUOTE } from './quote-scan.js';
import { delimiterOf, withDelimiterHint } from './delimiter.js';
import { readingOf, recogniseHeader, type Recognised, type RecognitionOptions } from './recognition.js';
import type { RecordFault } from './record-fault.js';
import type { SoundRecords, SplitResult } from './record-gathering.js';
import { MAX_CSV_RECORD_BYTES, splitRecords } from './record-splitter.js';
import { BatchBuilder, type OpenedRows, type RowBatch } from './row-batch.js';
import { SurplusFields } from './surplus-fields.js';

export interface CsvOptions extends RecognitionOptions {
  /** one ASCII character; default `,` */
  readonly delimiter?: string;
  /** take the character off that our exports put before a text that a spreadsheet would take for a formula */
  readonly unescape?: boolean;
}

/**
 * Reads CSV up to its header and says which stream it is; the batches follow on demand. Row numbers are physical lines,
 * the header's included. Throws ProblemError `no_header`, `unknown_header`, `duplicate_column` or `bad_parameter`, and
 * what the chunks throw.
 */
export async function openCsv(chunks: AsyncIterable<Buffer>, options: CsvOptions): Promise<OpenedRows> {
  const delimiter = delimiterOf(options);
  const splits = splitRecords(chunks, { maxRecordBytes: MAX_CSV_RECORD_BYTES, delimiter: delimiter.charCodeAt(0) });
  try {
    const { header: cells, rest } = await readHeader(splits, delimiter);
    const header = options.unescape ? cells.map(unescapeCell) : cells;
    const { stream, mapping } = recogniseCells(header, options, delimiter, rest.records);
    const surplus = new SurplusFields('column', stream.name);
    surplus.count(mapping.surplus);
    const readCells = readingOf(stream, options).readCells(mapping);
    const read: ReadCells = options.unescape ? (row) => readCells(row.map(unescapeCell)) : readCells;
    const rows = new CsvRows(stream, read, delimiter);
    return {
      stream,
      header: { cells: header, mapping, delimiter },
      batches: rows.batches(rest, splits),
      get warnings() {
        return surplus.warnings();
      },
      close: async () => void (await splits.return(undefined)),
    };
  } catch (error) {
    await splits.return(undefined);
    throw error;
  }
}

function recogniseCells(
  header: readonly string[],
  options: CsvOptions,
  delimiter: string,
  rows: SplitResult['records'],
): Recognised {
  try {
    return recogniseHeader(header, options);
  } catch (error) {
    throw header.length === 1 ? withDelimiterHint(error, header[0]!, delimiter, rows) : error;
  }
}

/** The cells of the first record, and what came with it. */
export async function readHeader(
  splits: AsyncGenerator<SplitResult, void>,
  delimiter: string,
): Promise<{ header: string[]; rest: SplitResult }> {
  for (;;) {
    const { value: split, done } = await splits.next();
    if (done)
      throw new ProblemError(
        'no_header',
        'The body has no line. Send a header with the column names and rows below it.',
      );
    const [fault] = split.faults;
    if (fault && !(split.records && split.records.lines[0]! < fault.line)) {
      throw unreadableHeader(fault, delimiter);
    }
    if (!split.records) continue;
    const [header] = cellsOf(slice(split.records, 0, 1), delimiter);
    return {
      header: header!,
      rest: { records: slice(split.records, 1, split.records.lines.length), faults: split.faults },
    };
  }
}

/** In a header of quoted names, another delimiter looks like text behind a closing quote. */
function unreadableHeader({ code, reason, line, raw }: RecordFault, delimiter: string): unknown {
  const errors = [{ detail: reason, code, row: line }];
  const problem = new ProblemError('no_header', `The header cannot be read. ${reason}`, { errors });
  const between = code === 'broken_quote' ? /"\s*([;\t|,])\s*"/.exec(raw.toString('utf8'))?.[1] : undefined;
  return between === undefined ? problem : withDelimiterHint(problem, between, delimiter);
}

class CsvRows {
  private readonly builder: BatchBuilder;

  constructor(
    stream: CompiledStream,
    private readonly readCells: ReadCells,
    private readonly delimiter: string,
  ) {
    this.builder = new BatchBuilder(stream);
  }

  /** Rows before a failure of the body are handed on first, so that what is read does not depend on where a batch ends. */
  async *batches(first: SplitResult, splits: AsyncGenerator<SplitResult, void>): AsyncGenerator<RowBatch> {
    try {
      yield* this.add(first);
      for await (const split of splits) yield* this.add(split);
    } catch (error) {
      yield* this.builder.rest();
      throw error;
    } finally {
      await splits.return(undefined);
    }
    yield* this.builder.rest();
  }

  /** Adds records and faults in the order of their lines; yields whatever batch is full. */
  private *add({ records, faults }: SplitResult): Generator<RowBatch> {
    const cells = records && records.lines.length > 0 ? cellsOf(records, this.delimiter) : [];
    let f = 0;
    for (let i = 0; i <= cells.length; i++) {
      const line = i < cells.length ? records!.lines[i]! : Infinity;
      for (; f < faults.length && faults[f]!.line < line; f++) {
        this.builder.addFault(faults[f]!);
        if (this.builder.isFull) yield this.builder.take();
      }
      if (i === cells.length) return;
      const end = records!.starts[i + 1] ?? records!.bytes.length;
      this.builder.add(line, this.readCells(cells[i]!), end - records!.starts[i]!, () => rawOf(records!, i, end));
      if (this.builder.isFull) yield this.builder.take();
    }
  }
}

function rawOf({ bytes, starts }: SoundRecords, i: number, end: number): Buffer {
  const lineEnd = bytes[end - 2] === CR ? 2 : 1;
  return Buffer.from(bytes.subarray(starts[i], end - lineEnd));
}

function slice(records: SoundRecords, from: number, to: number): SoundRecords {
  const begin = records.starts[from] ?? records.bytes.length;
  const bytes = records.bytes.subarray(begin, records.starts[to] ?? records.bytes.length);
  return {
    bytes,
    starts: records.starts.slice(from, to).map((start) => start - begin),
    lines: records.lines.slice(from, to),
    quoted: bytes.includes(QUOTE),
  };
}
