import { isUtf8 } from 'node:buffer';
import { badBytes, type RecordFault } from './record-fault.js';

/** Sound records of one stretch of the body, in order. */
export interface SoundRecords {
  /** whole records, each with its line end (LF or CRLF), nothing between them; valid UTF-8 without NUL. Not to be changed */
  readonly bytes: Buffer;
  /** offset of each record in `bytes` */
  readonly starts: readonly number[];
  /** first physical line of each record, from 1 */
  readonly lines: readonly number[];
  /** false: no record has a quote that means anything, so cells may be cut at every delimiter */
  readonly quoted: boolean;
}

/** Records and faults each in the order of their lines. */
export interface SplitResult {
  readonly records: SoundRecords | undefined;
  readonly faults: readonly RecordFault[];
}

/** Collects the records of one piece of data and checks their bytes in bulk. */
export class RecordGathering {
  private starts: number[] = [];
  private ends: number[] = [];
  private lines: number[] = [];
  private faults: RecordFault[] = [];
  private quoted = false;

  constructor(private readonly data: Buffer) {}

  /** `end` is behind the line feed. */
  take(start: number, end: number, line: number, quoted: boolean): void {
    this.starts.push(start);
    this.ends.push(end);
    this.lines.push(line);
    this.quoted ||= quoted;
  }

  refuse(fault: RecordFault): void {
    this.faults.push(fault);
  }

  /** `done`: everything before this offset was taken, refused or dropped. It is the border of a line. */
  finish(done: number): SplitResult {
    if (this.starts.length > 0 && !isText(this.data.subarray(0, done))) this.checkEach();
    const records = this.starts.length === 0 ? undefined : this.join();
    return { records, faults: this.faults };
  }

  private checkEach(): void {
    const faults: RecordFault[] = [];
    const sound = this.starts.map((start, i) => {
      const record = this.data.subarray(start, this.ends[i]);
      if (isText(record)) return true;
      faults.push(badBytes(this.lines[i]!, record.subarray(0, -1)));
      return false;
    });
    const isSound = (_: number, i: number): boolean => sound[i]!;
    this.starts = this.starts.filter(isSound);
    this.ends = this.ends.filter(isSound);
    this.lines = this.lines.filter(isSound);
    this.faults = [...this.faults, ...faults].sort((a, b) => a.line - b.line);
  }

  private join(): SoundRecords {
    const pieces: Buffer[] = [];
    const starts: number[] = [];
    let from = this.starts[0]!;
    let joined = 0;
    for (let i = 0; i < this.starts.length; i++) {
      const start = this.starts[i]!;
      const gapBefore = i > 0 && start !== this.ends[i - 1];
      if (gapBefore) {
        const piece = this.data.subarray(from, this.ends[i - 1]);
        pieces.push(piece);
        joined += piece.length;
        from = start;
      }
      starts.push(joined + start - from);
    }
    const rest = this.data.subarray(from, this.ends.at(-1));
    const bytes = pieces.length === 0 ? rest : Buffer.concat([...pieces, rest]);
    return { bytes, starts, lines: this.lines, quoted: this.quoted };
  }
}

const isText = (bytes: Buffer): boolean => isUtf8(bytes) && !bytes.includes(0);
