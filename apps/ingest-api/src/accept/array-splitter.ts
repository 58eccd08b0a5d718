import { isUtf8 } from 'node:buffer';
import { ProblemError, type RowFault } from '@orderstream/contracts';
import { ElementScan } from './element-scan.js';
import { MAX_JSON_RECORD_BYTES, tooDeep, type JsonItem } from './json-record.js';
import { inKiB } from './record-fault.js';

const COMMA = 44;
const CLOSE_BRACKET = 93;

/** Elements that are complete, and what broke the array. */
export interface ElementSplit {
  readonly items: readonly JsonItem[];
  readonly failure?: ProblemError;
}

type Stage = 'first' | 'next' | 'inside' | 'after' | 'closed';

/**
 * Splits the inside of a JSON array into its elements, each of at most 1 MiB; a longer or deeper one is a fault of its
 * own and is not held. Memory: one element and one chunk. A comma or bracket too many or too few between elements is a
 * failure (`broken_json`, with its byte): the rows after it would be guesswork. Nothing is to be pushed after one.
 */
export class ArraySplitter {
  private stage: Stage = 'first';
  private readonly scan = new ElementScan();
  private parts: Buffer[] = [];
  private keptBytes = 0;
  private elementBytes = 0;
  private index = 0;

  /** `offset`: bytes of the body before the first chunk, up to and with the opening bracket */
  constructor(private offset: number) {}

  push(chunk: Buffer): ElementSplit {
    const items: JsonItem[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.stage === 'inside') at = this.readElement(chunk, at, items);
      else if (isWhiteSpace(chunk[at]!)) at++;
      else {
        const failure = this.step(chunk[at]!, this.offset + at);
        if (failure) return { items, failure };
        // The first byte of an element is read with the element.
        if (!this.isInside) at++;
      }
    }
    this.offset += chunk.length;
    return { items };
  }

  /** Undefined when the array was closed. */
  end(): ProblemError | undefined {
    if (this.stage === 'closed') return undefined;
    const begun = this.isInside
      ? `, inside element ${this.index}, which begins at byte ${this.offset - this.elementBytes}`
      : '';
    return broken(`the body ends at byte ${this.offset} before the array is closed${begun}`);
  }

  private get isInside(): boolean {
    return this.stage === 'inside';
  }

  private readElement(chunk: Buffer, from: number, items: JsonItem[]): number {
    const end = this.scan.advance(chunk, from);
    const room = MAX_JSON_RECORD_BYTES - this.keptBytes;
    const kept = chunk.subarray(from, Math.min(end, from + room));
    if (kept.length > 0) this.parts.push(kept);
    this.keptBytes += kept.length;
    this.elementBytes += end - from;
    if (end === chunk.length) return end;
    this.stage = 'after';
    // Not an element yet if this bracket leaves it open; `step` says so.
    if (!this.isLeftOpen(chunk[end]!)) items.push(this.finish());
    return end;
  }

  private isLeftOpen(byte: number): boolean {
    return byte === CLOSE_BRACKET && this.scan.isNested;
  }

  /** Judges a byte between elements. */
  private step(byte: number, offset: number): ProblemError | undefined {
    const { stage } = this;
    if (stage === 'closed') return broken(`something follows the array at byte ${offset}`);
    if (stage === 'after' && this.isLeftOpen(byte)) {
      return broken(
        `the array is closed at byte ${offset} inside element ${this.index}, which begins at byte ${offset - this.elementBytes}`,
      );
    }
    if (stage === 'after') this.stage = byte === COMMA ? 'next' : 'closed';
    else if (byte === COMMA) return broken(`an element is missing before the comma at byte ${offset}`);
    else if (byte !== CLOSE_BRACKET) this.begin();
    else if (stage === 'next') return broken(`an element is missing before the bracket at byte ${offset}`);
    else this.stage = 'closed';
    return undefined;
  }

  private begin(): void {
    this.stage = 'inside';
    this.scan.reset();
    this.parts = [];
    this.keptBytes = 0;
    this.elementBytes = 0;
  }

  private finish(): JsonItem {
    const raw = this.parts.length === 1 ? this.parts[0]! : Buffer.concat(this.parts);
    return { row: this.index++, raw, fault: this.faultOf(raw) };
  }

  private faultOf(raw: Buffer): RowFault | undefined {
    const where = `Element ${this.index}`;
    if (this.elementBytes > MAX_JSON_RECORD_BYTES) {
      return {
        code: 'record_too_long',
        reason: `${where} is longer than ${inKiB(MAX_JSON_RECORD_BYTES)}. Shorten it and send it again.`,
      };
    }
    if (this.scan.isTooDeep) return tooDeep();
    if (raw.includes(0)) return { code: 'nul_byte', reason: `${where} has a NUL. Take it out and send it again.` };
    if (!isUtf8(raw))
      return { code: 'invalid_utf8', reason: `${where} has bytes that are not UTF-8. Save the file as UTF-8.` };
    return undefined;
  }
}

const broken = (what: string): ProblemError =>
  new ProblemError(
    'broken_json',
    `The JSON array is broken: ${what}. Correct it and send it again; bytes count from 0.`,
  );

export const isWhiteSpace = (byte: number): boolean => byte === 32 || byte === 9 || byte === 10 || byte === 13;
