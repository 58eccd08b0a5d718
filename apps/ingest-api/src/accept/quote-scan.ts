/** Where a scan of quoted CSV (RFC 4180) stands between two bytes. */
const enum At {
  CellStart,
  Bare,
  Quoted,
  /** behind a quote inside a quoted cell: it closes the cell, or is the first half of `""` */
  AfterQuote,
  AfterQuoteCr,
}

export const LF = 10;
export const CR = 13;
export const QUOTE = 34;

export type ScanOutcome = 'open' | 'ended' | 'broken';

/** A resumable scan for the end of a record. */
export class QuoteScan {
  private outcome: ScanOutcome = 'open';
  private at = At.CellStart;

  /**
   * Begins at the first byte of a record. `position` is the offset of the next byte to look at; once `ended` that of the
   * ending LF, once `broken` that of the first byte that no sound record has there.
   */
  constructor(
    public position: number,
    private readonly delimiter: number,
  ) {}

  /** Inside quotes, or behind a quote that may be one half of two. */
  get isQuoted(): boolean {
    return this.at === At.Quoted || this.at === At.AfterQuote;
  }

  /**
   * Goes on until the record ends, its quoting breaks, the byte at `last` was looked at, or the data ends. It may jump
   * beyond `last` to a quote, which is what a longer search would do too.
   */
  advance(data: Buffer, last: number): ScanOutcome {
    const end = Math.min(last + 1, data.length);
    while (this.outcome === 'open' && this.position < end) {
      if (this.at === At.Quoted) this.skipToQuote(data);
      else this.look(data[this.position]!);
    }
    return this.outcome;
  }

  private skipToQuote(data: Buffer): void {
    const quote = data.indexOf(QUOTE, this.position);
    if (quote >= 0) this.at = At.AfterQuote;
    this.position = quote >= 0 ? quote + 1 : data.length;
  }

  private look(byte: number): void {
    const next = this.stateAfter(byte);
    if (typeof next === 'string') this.outcome = next;
    else {
      this.at = next;
      this.position++;
    }
  }

  private stateAfter(byte: number): At | 'ended' | 'broken' {
    const { at } = this;
    if (byte === LF) return 'ended';
    if (at === At.AfterQuoteCr) return 'broken';
    if (byte === this.delimiter) return At.CellStart;
    if (byte === QUOTE) return at === At.Bare ? 'broken' : At.Quoted;
    if (at !== At.AfterQuote) return At.Bare;
    return byte === CR ? At.AfterQuoteCr : 'broken';
  }
}
