import { ProblemError } from '@orderstream/contracts';
import { refuseBinary, SNIFFED_BYTES } from './binary-content.js';
import { Utf16Decoder } from './utf16-decoding.js';

const UTF8_BOM = Buffer.of(0xef, 0xbb, 0xbf);
const UTF16_LE_BOM = Buffer.of(0xff, 0xfe);
const UTF16_BE_BOM = Buffer.of(0xfe, 0xff);
const UTF32_LE_BOM = Buffer.of(0xff, 0xfe, 0, 0);

/**
 * The body as UTF-8 bytes without a byte order mark. UTF-16 is taken when it begins with its mark; everything else is
 * handed on as it is, and whoever cuts it into records judges each one's bytes. A lone surrogate in UTF-16 becomes a byte
 * that is not UTF-8, so it too is the fault of its record alone. Throws ProblemError `binary_content`.
 */
export async function* decodeText(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  let decode: ((chunk: Buffer) => Buffer) | undefined;
  let utf16: Utf16Decoder | undefined;
  const begin = (head: Buffer): Buffer => {
    const opened = openText(head);
    utf16 = opened.utf16;
    decode = utf16 ? (chunk) => utf16!.decode(chunk) : (chunk) => chunk;
    return decode(opened.text);
  };
  const head: Buffer[] = [];
  let headBytes = 0;
  for await (const chunk of chunks) {
    if (decode) yield decode(chunk);
    else {
      head.push(chunk);
      headBytes += chunk.length;
      if (headBytes >= SNIFFED_BYTES) yield begin(Buffer.concat(head));
    }
  }
  if (!decode) yield begin(Buffer.concat(head));
  if (utf16) yield utf16.end();
}

function openText(head: Buffer): { text: Buffer; utf16?: Utf16Decoder } {
  if (beginsWith(head, UTF32_LE_BOM)) throw new ProblemError('binary_content', 'The body is UTF-32. Save it as UTF-8.');
  if (beginsWith(head, UTF16_LE_BOM)) return { text: head.subarray(2), utf16: new Utf16Decoder('le') };
  if (beginsWith(head, UTF16_BE_BOM)) return { text: head.subarray(2), utf16: new Utf16Decoder('be') };
  refuseBinary(head);
  return { text: beginsWith(head, UTF8_BOM) ? head.subarray(3) : head };
}

const beginsWith = (bytes: Buffer, mark: Buffer): boolean => bytes.subarray(0, mark.length).equals(mark);
