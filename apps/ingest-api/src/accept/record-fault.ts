import type { RowFaultCode } from '@orderstream/contracts';
import { CR } from './quote-scan.js';

/** A record that is no row, whatever the stream. */
export interface RecordFault {
  /** first physical line of the record, from 1 */
  readonly line: number;
  readonly code: RowFaultCode;
  readonly reason: string;
  /** as much of it as the fault costs, without its line end; a copy */
  readonly raw: Buffer;
}

/** A size in the words of the reasons. */
export const inKiB = (bytes: number): string => `${bytes / 1024} KiB`;

export const tooLong = (line: number, raw: Buffer, maxBytes: number): RecordFault => ({
  line,
  code: 'record_too_long',
  reason: `The record that begins in line ${line} is longer than ${inKiB(maxBytes)}. Shorten it and send the row again.`,
  raw: Buffer.from(raw.subarray(0, maxBytes)),
});

/** `offset` from 0 in the line */
export const misplacedQuote = (line: number, raw: Buffer, offset: number): RecordFault => ({
  line,
  code: 'broken_quote',
  reason:
    `In line ${line}, byte ${offset + 1}, a quote stands inside a bare cell or text follows a closing quote. ` +
    'Put the whole cell in quotes, double the quotes inside it and send the row again.',
  raw: withoutCr(raw),
});

export const openQuote = (line: number, raw: Buffer, maxBytes: number): RecordFault => ({
  line,
  code: 'broken_quote',
  reason:
    `A quote opened in line ${line} is not closed at the end of a cell within ${inKiB(maxBytes)}. ` +
    'Close it and send the row again.',
  raw: withoutCr(raw),
});

/** `record` has a NUL or is not UTF-8. */
export function badBytes(line: number, record: Buffer): RecordFault {
  const raw = withoutCr(record);
  const nul = raw.indexOf(0);
  if (nul < 0) {
    const reason = `The record in line ${line} has bytes that are not UTF-8. Save the file as UTF-8 and send the row again.`;
    return { line, code: 'invalid_utf8', reason, raw };
  }
  const reason = `The record in line ${line} has a NUL as byte ${nul + 1}. Take it out and send the row again.`;
  return { line, code: 'nul_byte', reason, raw };
}

const withoutCr = (raw: Buffer): Buffer => Buffer.from(raw.at(-1) === CR ? raw.subarray(0, -1) : raw);
