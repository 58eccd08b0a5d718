import { MAX_RAW_BYTES, type StoredReject } from '@orderstream/cassandra';
import type { FaultStage, RowFault } from '@orderstream/contracts';

const VALUE_LENGTH = 200;
const REASON_LENGTH = 2_000;
const ROW_LENGTH = 2_000;
/** Control characters, line ends of Unicode, and what turns the direction of the text around. */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** A row with all that is wrong with it, as it is kept: texts cut and made printable, the row itself as it came. */
export function storedReject(
  row: number,
  faults: readonly RowFault[],
  raw: Buffer | string,
  stage: FaultStage = 'door',
): StoredReject {
  const [{ code, column, value }] = faults as [RowFault];
  const bytes = typeof raw === 'string' ? Buffer.from(raw) : raw;
  return {
    row,
    stage,
    code,
    column,
    reason: printableReason(faults.map(({ reason }) => reason).join(' ')),
    value: value === undefined ? undefined : printableValue(value),
    // A copy: what is cut off would be held in memory as long as the rest.
    raw: bytes.length > MAX_RAW_BYTES ? Buffer.from(bytes.subarray(0, MAX_RAW_BYTES)) : bytes,
  };
}

export const printableValue = (value: string): string => printable(value, VALUE_LENGTH);

export const printableReason = (reason: string): string => printable(reason, REASON_LENGTH);

/** A row as it came, for display. */
export const printableRow = (raw: Uint8Array): string => printable(Buffer.from(raw).toString('utf8'), ROW_LENGTH);

/** Cut, and characters that do not print as `\xNN` or `\uNNNN`. */
function printable(text: string, length: number): string {
  const cut = text.length > length ? `${text.slice(0, length)}…` : text;
  return withoutControls(cut);
}

/** The whole text, fit for a terminal. */
export const withoutControls = (text: string): string =>
  text.replace(CONTROL, (character) => {
    const hex = character.charCodeAt(0).toString(16);
    return hex.length > 2 ? `\\u${hex}` : `\\x${hex.padStart(2, '0')}`;
  });
