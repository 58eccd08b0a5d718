import type { RowFault } from '@orderstream/contracts';
import type { CompiledStream, HeaderMapping, Row, RowFaults } from '@orderstream/streams';
import type { RecordFault } from './record-fault.js';

/** A row its owner gets back. */
export interface Reject {
  /** physical line from 1 in CSV and JSON lines (the first line of the record), index from 0 in a JSON array */
  readonly row: number;
  /** at least one; the first one names the row's code */
  readonly faults: readonly RowFault[];
  /** the record as it came, without its line end; at most its size cap, and its own copy */
  readonly raw: Buffer | string;
}

/** Checked rows of one stream, in the order of the body. Row numbers of rows and of rejects each ascend. */
export interface RowBatch {
  readonly stream: CompiledStream;
  readonly rows: Row[];
  /** `rowNumbers[i]` belongs to `rows[i]`; counted as `Reject.row` is */
  readonly rowNumbers: number[];
  readonly rejects: Reject[];
}

/** A body of which the stream is known and the rows are still to be read. */
export interface OpenedRows {
  readonly stream: CompiledStream;
  /** of a CSV body: its first line, matched with the stream */
  readonly header?: { readonly cells: readonly string[]; readonly mapping: HeaderMapping; readonly delimiter: string };
  /** to be read once; ends with the body, or throws what is wrong with it after the rows before that */
  readonly batches: AsyncIterable<RowBatch>;
  /** what was ignored so far; grows while the batches are read */
  readonly warnings: readonly string[];
  /** Lets go of the body without reading on. Needed only when `batches` is not read to its end. */
  close(): Promise<void>;
}

/** Rows and rejects of one batch at most. */
export const BATCH_ROWS = 1000;
/** A batch is handed on once the records in it came from this many bytes, whatever their number. */
export const BATCH_BYTES = 1024 * 1024;

/**
 * Gathers rows until a batch is full, by number or by the bytes they came from, so that a batch of long records is no
 * larger than one of short ones.
 */
export class BatchBuilder {
  private rows: Row[] = [];
  private rowNumbers: number[] = [];
  private rejects: Reject[] = [];
  private bytes = 0;

  constructor(private readonly stream: CompiledStream) {}

  get isFull(): boolean {
    return this.rows.length + this.rejects.length >= BATCH_ROWS || this.bytes >= BATCH_BYTES;
  }

  addRow(rowNumber: number, row: Row, bytes: number): void {
    this.rows.push(row);
    this.rowNumbers.push(rowNumber);
    this.bytes += bytes;
  }

  addReject(row: number, faults: readonly RowFault[], raw: Buffer | string): void {
    this.rejects.push({ row, faults, raw });
    this.bytes += raw.length;
  }

  addFault({ line, code, reason, raw }: RecordFault): void {
    this.addReject(line, [{ code, reason }], raw);
  }

  /** `raw` is called for rejects only. */
  add(rowNumber: number, read: Row | RowFaults, bytes: number, raw: () => Buffer | string): void {
    if (Array.isArray(read)) this.addRow(rowNumber, read, bytes);
    else this.addReject(rowNumber, read.faults, raw());
  }

  /** What was gathered, and an empty builder again. */
  take(): RowBatch {
    const { stream, rows, rowNumbers, rejects } = this;
    this.rows = [];
    this.rowNumbers = [];
    this.rejects = [];
    this.bytes = 0;
    return { stream, rows, rowNumbers, rejects };
  }

  /** The last batch, if there is anything in it. */
  *rest(): Generator<RowBatch> {
    if (this.rows.length + this.rejects.length > 0) yield this.take();
  }
}
