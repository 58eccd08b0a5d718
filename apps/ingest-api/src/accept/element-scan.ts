import { MAX_JSON_DEPTH } from './json-record.js';

const QUOTE = 34;
const COMMA = 44;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/**
 * A resumable scan for the end of one array element: the `,` or `]` that belongs to the outer array. It judges nothing
 * but borders; whether the element is JSON is for the parser. A `}` closes the nearest `{`, a `]` the nearest `[`, so
 * that a bracket forgotten inside an element stays the fault of that element.
 */
export class ElementScan {
  /** nested deeper than allowed at some place */
  isTooDeep = false;
  private depth = 0;
  private inString = false;
  private escaped = false;
  /** what is open, outermost first; levels beyond the allowed ones are only counted */
  private readonly open = new Uint8Array(MAX_JSON_DEPTH);

  reset(): void {
    this.isTooDeep = false;
    this.depth = 0;
    this.inString = false;
    this.escaped = false;
  }

  /** Something inside the element is open. */
  get isNested(): boolean {
    return this.depth > 0;
  }

  /** Offset of the byte that ends the element, or the length of the data when it goes on. */
  advance(data: Buffer, from: number): number {
    let at = from;
    while (at < data.length) {
      if (this.inString) at = this.skipString(data, at);
      else if (this.endsAt(data[at]!)) return at;
      else at++;
    }
    return at;
  }

  /** Offset behind the closing quote, or the length of the data. */
  private skipString(data: Buffer, from: number): number {
    let escaped = this.escaped;
    for (let at = from; at < data.length; at++) {
      const byte = data[at];
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE) {
        this.inString = false;
        this.escaped = false;
        return at + 1;
      }
    }
    this.escaped = escaped;
    return data.length;
  }

  private endsAt(byte: number): boolean {
    if (byte === COMMA) return this.depth === 0;
    if (byte === QUOTE) this.inString = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.push(byte);
    else if (byte === CLOSE_BRACE) this.close(OPEN_BRACE);
    else if (byte === CLOSE_BRACKET) return !this.close(OPEN_BRACKET);
    return false;
  }

  private push(byte: number): void {
    if (this.depth < MAX_JSON_DEPTH) this.open[this.depth] = byte;
    else this.isTooDeep = true;
    this.depth++;
  }

  /** False when there is none of its kind to close. */
  private close(opening: number): boolean {
    if (this.depth > MAX_JSON_DEPTH) {
      this.depth--;
      return true;
    }
    const nearest = this.open.subarray(0, this.depth).lastIndexOf(opening);
    if (nearest < 0) return false;
    this.depth = nearest;
    return true;
  }
}
