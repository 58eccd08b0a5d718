/**
 * Bytes of CQL values. Made by hand, for the encoders that the driver has for 64-bit integers, decimals and uuids cost
 * more than the rest of a row: the raw rig is to be as fast as one Node process can be.
 */
const TWO_32 = 2 ** 32;

export function int64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  const high = Math.floor(value / TWO_32);
  bytes.writeInt32BE(high, 0);
  bytes.writeUInt32BE(value - high * TWO_32, 4);
  return bytes;
}

/** A decimal of `scale` digits after the point, 0 or more and below 2^47: the unscaled integer in the fewest bytes. */
export function decimal(unscaled: number, scale: number): Buffer {
  let length = 1;
  while (unscaled >= 2 ** (8 * length - 1)) length++;
  const bytes = Buffer.allocUnsafe(4 + length);
  bytes.writeInt32BE(scale, 0);
  bytes.writeUIntBE(unscaled, 4, length);
  return bytes;
}

export const uuid = (text: string): Buffer => Buffer.from(text.replaceAll('-', ''), 'hex');
