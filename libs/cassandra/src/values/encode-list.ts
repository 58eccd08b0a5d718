import { encodeText } from './encode.js';

const COUNT_BYTES = 4;
const LENGTH_BYTES = 4;
const MAX_ASCII = 0x7f;

/** A CQL list: number of items, then each with its length (§6.11 of the native protocol, version 4). */
export function encodeList<T>(items: readonly T[], encode: (item: T) => Buffer): Buffer {
  const encoded = items.map(encode);
  const bytes = Buffer.allocUnsafe(encoded.reduce((sum, { length }) => sum + LENGTH_BYTES + length, COUNT_BYTES));
  let at = bytes.writeInt32BE(items.length, 0);
  for (const item of encoded) {
    at = bytes.writeInt32BE(item.length, at);
    bytes.set(item, at);
    at += item.length;
  }
  return bytes;
}

/** The same of texts. ASCII is written unit by unit: a call into the runtime for each would cost more than all else of a list. */
export function encodeTexts(texts: readonly string[]): Buffer {
  const bytes = Buffer.allocUnsafe(texts.reduce((sum, { length }) => sum + LENGTH_BYTES + length, COUNT_BYTES));
  let at = bytes.writeInt32BE(texts.length, 0);
  for (const text of texts) {
    at = bytes.writeInt32BE(text.length, at);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > MAX_ASCII) return encodeList(texts, encodeText);
      bytes[at++] = code;
    }
  }
  return bytes;
}
