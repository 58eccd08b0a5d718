import { ProblemError } from '@orderstream/contracts';

/** How much of a body is looked at. */
export const SNIFFED_BYTES = 4096;

/** A tenth of the bytes, but a few in a short text prove nothing. */
const CONTROL_SHARE = 0.1;
const FEW_CONTROLS = 4;

const KNOWN_FORMATS: readonly { readonly magic: Buffer; readonly advice: string }[] = [
  { magic: Buffer.from('\x89PNG', 'latin1'), advice: 'It is a PNG image.' },
  {
    magic: Buffer.from('PK\x03\x04', 'latin1'),
    advice: 'It is a ZIP archive or an Excel workbook. Export the sheet as CSV.',
  },
  { magic: Buffer.from('\x1f\x8b', 'latin1'), advice: 'It is gzip. Send it with Content-Encoding: gzip.' },
  { magic: Buffer.from('%PDF-', 'latin1'), advice: 'It is a PDF.' },
  { magic: Buffer.from('\xd0\xcf\x11\xe0', 'latin1'), advice: 'It is an old Excel workbook. Export the sheet as CSV.' },
  { magic: Buffer.from('PAR1', 'latin1'), advice: 'It is Parquet. Export it as CSV or JSON lines.' },
  { magic: Buffer.from('\x28\xb5\x2f\xfd', 'latin1'), advice: 'It is zstd. Send it plain or as gzip.' },
];

/** Throws ProblemError `binary_content` for formats that are known and for bytes of which many are control characters. */
export function refuseBinary(head: Buffer): void {
  const known = KNOWN_FORMATS.find(({ magic }) => head.subarray(0, magic.length).equals(magic));
  if (known) throw new ProblemError('binary_content', `The body is not text. ${known.advice}`);
  const sniffed = head.subarray(0, SNIFFED_BYTES);
  const controls = sniffed.reduce((count, byte) => count + (isControl(byte) ? 1 : 0), 0);
  if (controls <= Math.max(FEW_CONTROLS, sniffed.length * CONTROL_SHARE)) return;
  const detail = `${controls} of the first ${sniffed.length} bytes are control characters: not text, or UTF-16 without a byte order mark. Save the file as UTF-8.`;
  throw new ProblemError('binary_content', detail);
}

/** Tab, line feed, form feed and carriage return are text. */
const isControl = (byte: number): boolean => byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13;
