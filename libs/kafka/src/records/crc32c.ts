/** Castagnoli's polynomial, its bits in reverse order. */
const POLYNOMIAL = 0x82f63b78;
const LANES = 8;

/** Of lane n, the remainder of each byte with n zero bytes behind it. */
const REMAINDERS = remainders();

function remainders(): Int32Array {
  const table = new Int32Array(LANES * 256);
  for (let byte = 0; byte < 256; byte++) {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1;
    table[byte] = rest;
  }
  for (let at = 256; at < table.length; at++) {
    const rest = table[at - 256]!;
    table[at] = (rest >>> 8) ^ table[rest & 0xff]!;
  }
  return table;
}

/**
 * CRC-32C of a part of the bytes, eight at a time: M. Kounavis and F. Berry, "Novel Table Lookup-Based Algorithms for
 * High-Performance CRC Generation" (2008), known as slicing-by-8.
 */
export function crc32c(bytes: Uint8Array, begin = 0, end = bytes.length): number {
  const table = REMAINDERS;
  let crc = -1;
  let at = begin;
  for (; at + LANES <= end; at += LANES) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      table[0x700 + (crc & 0xff)]! ^
      table[0x600 + ((crc >>> 8) & 0xff)]! ^
      table[0x500 + ((crc >>> 16) & 0xff)]! ^
      table[0x400 + (crc >>> 24)]! ^
      table[0x300 + bytes[at + 4]!]! ^
      table[0x200 + bytes[at + 5]!]! ^
      table[0x100 + bytes[at + 6]!]! ^
      table[bytes[at + 7]!]!;
  }
  for (; at < end; at++) crc = table[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
