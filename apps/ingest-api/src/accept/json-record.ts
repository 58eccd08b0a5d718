import type { RowFault } from '@orderstream/contracts';
import {
  MAX_DECIMAL_DIGITS,
  parseExactly,
  RowFaults,
  type CompiledStream,
  type Row,
  type StreamReading,
} from '@orderstream/streams';
import { hasLongNumber } from './long-number.js';
import type { SurplusFields } from './surplus-fields.js';

/** One JSON value of a body, not parsed yet. */
export interface JsonItem {
  /** physical line from 1 in JSON lines, index from 0 in an array */
  readonly row: number;
  /** its bytes, perhaps with white space around them; where there is a fault, as much as is kept. Not to be changed */
  readonly raw: Buffer;
  /** what is wrong with the bytes themselves; such an item is not parsed */
  readonly fault?: RowFault;
}

/** A JSON record is at most 1 MiB, wherever it stands. */
export const MAX_JSON_RECORD_BYTES = 1024 * 1024;
/** Objects and arrays inside each other, the record itself included. */
export const MAX_JSON_DEPTH = 64;

export type ParsedJson = { readonly value: unknown } | RowFaults;

/** Never throws. */
export function parseJsonItem(item: JsonItem): ParsedJson {
  return item.fault ? new RowFaults([item.fault]) : parseJson(item.raw.toString('utf8'));
}

/** JSON text → value, or `bad_json`. A fraction that would lose digits as a number is a text. Never throws. */
export function parseJson(text: string): ParsedJson {
  let value: unknown;
  try {
    value = parseExactly(text);
  } catch (error) {
    const message = (error as Error).message;
    return new RowFaults([{ code: 'bad_json', reason: `Not JSON: ${message}. Correct it and send the row again.` }]);
  }
  if (isDeeperThan(value, MAX_JSON_DEPTH)) return new RowFaults([tooDeep()]);
  return hasLongNumber(text) ? new RowFaults([tooManyDigits()]) : { value };
}

const tooManyDigits = (): RowFault => ({
  code: 'bad_decimal',
  reason: `The record has a number of more than ${MAX_DECIMAL_DIGITS} digits. Shorten it and send the row again.`,
});

export const tooDeep = (): RowFault => ({
  code: 'bad_json',
  reason: `The record is nested deeper than ${MAX_JSON_DEPTH} levels. Flatten it and send the row again.`,
});

/** What the records of one body are read with. */
export interface RecordReading {
  readonly stream: CompiledStream;
  readonly reading: Pick<StreamReading, 'readJson'>;
  readonly surplus: SurplusFields;
  readonly extra: 'ignore' | 'reject' | undefined;
}

/** `extra: 'reject'` makes fields that the stream does not know faults; otherwise they are counted. Never throws. */
export function readRecord(value: unknown, { stream, reading, surplus, extra }: RecordReading): Row | RowFaults {
  const read = reading.readJson(value);
  const unknown = isJsonObject(value) ? stream.surplusOf(value) : [];
  if (unknown.length === 0) return read;
  if (extra !== 'reject') {
    surplus.count(unknown);
    return read;
  }
  const [first, ...rest] = unknown.map((column): RowFault => {
    const reason = `The stream ${stream.name} does not know the field ${column}. Leave it out or send without extra=reject.`;
    return { code: 'unknown_field', reason, column };
  });
  return new RowFaults(Array.isArray(read) ? [first!, ...rest] : [...read.faults, first!, ...rest]);
}

export const isJsonObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Goes no deeper than the limit, so that no value can exhaust the stack. */
function isDeeperThan(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (limit === 0) return true;
  const inner: unknown[] = Array.isArray(value) ? value : Object.values(value);
  return inner.some((item) => isDeeperThan(item, limit - 1));
}
