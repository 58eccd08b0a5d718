import { CR, LF, QUOTE, QuoteScan } from './quote-scan.js';
import { misplacedQuote, openQuote, tooLong, type RecordFault } from './record-fault.js';
import { RecordGathering, type SplitResult } from './record-gathering.js';

export interface SplitterOptions {
  /** longest record in bytes, not counting its line feed */
  readonly maxRecordBytes: number;
  /** one ASCII byte; undefined: quotes mean nothing and every line is a record */
  readonly delimiter?: number;
}

/** CSV records are at most 64 KiB. */
export const MAX_CSV_RECORD_BYTES = 64 * 1024;

const NOTHING = Buffer.alloc(0);
/** Input is split in pieces of this size at most, so that one result stays small. */
const PIECE_BYTES = 64 * 1024;

/**
 * Splits bytes into records before anything parses them, so that one broken record costs one row and not the rest of the
 * file. A record ends with LF or CRLF outside of quotes (RFC 4180; a lone CR is text, the end of the data is a line
 * end); blank lines are dropped.
 *
 * - Quoting that is broken, or not closed within the size cap: the first physical line is the fault, and reading resumes
 *   at the line after it. A line longer than the cap likewise, and it is never held whole.
 * - NUL and invalid UTF-8 do not move the borders of a record: the whole record is the fault.
 *
 * Time is linear in the input whatever is in it. A line that leaves a quote open has an odd number of quotes; a scan in
 * open quotes passes lines with an even number and is decided in the first line with an odd one. So scans that fail
 * never overlap, and a line is looked at twice at most: for itself and under one open quote. Chunks are joined, and an
 * undecided record is scanned again, only once an eighth of what is held has come in: small chunks cost nine times their
 * bytes at most. Memory: the cap and two pieces.
 */
export class RecordSplitter {
  /** from the first byte of the record under way */
  private held: Buffer = NOTHING;
  private fresh: Buffer[] = [];
  private freshBytes = 0;
  /** physical line at the start of `held` */
  private line = 1;
  /** inside the rest of a line that was too long */
  private discarding = false;
  /** first quote at or after the record, in the data being split; -1 when not yet looked for */
  private quote = -1;

  constructor(private readonly options: SplitterOptions) {}

  /** The chunk must not be changed afterwards. What it completes is handed out at once or with one of the next chunks. */
  push(chunk: Buffer): SplitResult {
    const kept = this.discarding ? this.discard(chunk) : chunk;
    if (kept.length > 0) this.fresh.push(kept);
    this.freshBytes += kept.length;
    if (this.freshBytes < this.held.length / 8) return { records: undefined, faults: [] };
    return this.split(false);
  }

  /** What is left: an open quote is a fault of its line, and the lines after that are read. */
  end(): SplitResult {
    if (this.held.length + this.freshBytes > 0) this.fresh.push(Buffer.of(LF));
    return this.split(true);
  }

  private discard(chunk: Buffer): Buffer {
    const lf = chunk.indexOf(LF);
    if (lf < 0) return NOTHING;
    this.discarding = false;
    this.line++;
    return chunk.subarray(lf + 1);
  }

  private split(isLast: boolean): SplitResult {
    const pieces = this.held.length > 0 ? [this.held, ...this.fresh] : this.fresh;
    const data = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    this.fresh = [];
    this.freshBytes = 0;
    this.quote = this.options.delimiter === undefined ? Infinity : -1;
    const gathering = new RecordGathering(data);
    const done = this.walk(data, gathering, isLast);
    this.held = data.subarray(done);
    return gathering.finish(done);
  }

  /** Takes every record that is complete; the answer is the offset at which the record under way begins. */
  private walk(data: Buffer, gathering: RecordGathering, isLast: boolean): number {
    for (let start = 0; ;) {
      const lf = data.indexOf(LF, start);
      const end = this.endOf(data, start, lf, isLast);
      if (end === undefined) return start;
      if (typeof end === 'number') {
        if (!isBlank(data, start, end)) gathering.take(start, end + 1, this.line, this.quote <= end);
        this.line += end === lf ? 1 : countLines(data, lf, end);
        start = end + 1;
        continue;
      }
      gathering.refuse(end);
      this.discarding = lf < 0;
      if (lf < 0) return data.length;
      this.line++;
      start = lf + 1;
    }
  }

  /** Offset of the LF that ends the record, or what is wrong with its first line; undefined: more data decides. */
  private endOf(data: Buffer, start: number, lf: number, isLast: boolean): number | RecordFault | undefined {
    const { maxRecordBytes } = this.options;
    const lineBytes = (lf < 0 ? data.length : lf) - start;
    if (lineBytes > maxRecordBytes) return tooLong(this.line, data.subarray(start), maxRecordBytes);
    if (lf < 0) return undefined;
    if (this.quote < start) this.quote = nextQuote(data, start);
    return this.quote > lf ? lf : this.endOfQuoted(data, start, lf, isLast);
  }

  private endOfQuoted(data: Buffer, start: number, lf: number, isLast: boolean): number | RecordFault | undefined {
    const { maxRecordBytes } = this.options;
    const scan = new QuoteScan(start, this.options.delimiter!);
    const ownLine = scan.advance(data, lf);
    if (ownLine === 'ended') return lf;
    const firstLine = data.subarray(start, lf);
    if (ownLine === 'broken') return misplacedQuote(this.line, firstLine, scan.position - start);
    const last = start + maxRecordBytes;
    const outcome = scan.advance(data, last);
    if (outcome === 'ended') return scan.position;
    if (outcome === 'open' && scan.position <= last && !isLast) return undefined;
    if (outcome === 'open' && !scan.isQuoted) return tooLong(this.line, firstLine, maxRecordBytes);
    return openQuote(this.line, firstLine, maxRecordBytes);
  }
}

/** Records of a whole body, with back-pressure: nothing is read before the last result was taken. */
export async function* splitRecords(
  chunks: AsyncIterable<Buffer>,
  options: SplitterOptions,
): AsyncGenerator<SplitResult, void> {
  const splitter = new RecordSplitter(options);
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) yield splitter.push(chunk.subarray(at, at + PIECE_BYTES));
  }
  yield splitter.end();
}

const isBlank = (data: Buffer, start: number, end: number): boolean =>
  end === start || (end === start + 1 && data[start] === CR);

function nextQuote(data: Buffer, from: number): number {
  const quote = data.indexOf(QUOTE, from);
  return quote < 0 ? Infinity : quote;
}

/** Line feeds from the one at `from` to the one at `to`. */
function countLines(data: Buffer, from: number, to: number): number {
  let count = 1;
  for (let lf = from; lf < to; lf = data.indexOf(LF, lf + 1)) count++;
  return count;
}
