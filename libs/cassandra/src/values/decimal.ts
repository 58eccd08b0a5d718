import { decimalOfUnscaled, unscaledOfBytes } from '@orderstream/streams';

/** Above this many digits, a number cannot hold the unscaled value exactly. */
const SAFE_DIGITS = 15;
/** Far beyond what the readers let in; a foreign writer's larger scale is shown with an exponent. */
const PLAIN_SCALE = 6_144;
const SCALE_BYTES = 4;
const DECIMAL = /^-?\d+(\.\d+)?$/;

/**
 * CQL decimal of a canonical decimal text: four bytes of scale, then the unscaled value in two's complement, as short
 * as it can be. Undefined when the text is no plain decimal.
 */
export function encodeDecimal(text: string): Buffer | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const point = text.indexOf('.');
  const scale = point < 0 ? 0 : text.length - 1 - point;
  const digits = point < 0 ? text : text.slice(0, point) + text.slice(point + 1);
  return digits.length <= SAFE_DIGITS ? ofNumber(scale, Number(digits)) : ofBigInt(scale, BigInt(digits));
}

function ofNumber(scale: number, unscaled: number): Buffer {
  const length = byteLength(unscaled);
  const bytes = Buffer.allocUnsafe(4 + length);
  bytes.writeInt32BE(scale, 0);
  for (let i = 3 + length, rest = unscaled; i > 3; i--) {
    // Floored division keeps the two's complement of a negative value right.
    const next = Math.floor(rest / 256);
    bytes[i] = rest - next * 256;
    rest = next;
  }
  return bytes;
}

function byteLength(value: number): number {
  let length = 1;
  for (let limit = 128; value >= limit || value < -limit; limit *= 256) length++;
  return length;
}

function ofBigInt(scale: number, unscaled: bigint): Buffer {
  let length = 1;
  while (BigInt.asIntN(length * 8, unscaled) !== unscaled) length++;
  const bytes = Buffer.allocUnsafe(4 + length);
  bytes.writeInt32BE(scale, 0);
  const hex = BigInt.asUintN(length * 8, unscaled)
    .toString(16)
    .padStart(length * 2, '0');
  bytes.write(hex, 4, 'hex');
  return bytes;
}

/** The canonical text of a CQL decimal; its scale is kept, so `1.50` stays `1.50`. */
export function decodeDecimal(bytes: Buffer): string {
  const scale = bytes.readInt32BE(0);
  const unscaled = unscaledOfBytes(bytes.subarray(SCALE_BYTES));
  if (Math.abs(scale) > PLAIN_SCALE) return `${unscaled}E${-scale}`;
  if (scale < 0) return String(BigInt(unscaled) * 10n ** BigInt(-scale));
  return decimalOfUnscaled(String(unscaled), scale);
}
