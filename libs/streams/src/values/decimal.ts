import type { Buffer } from 'node:buffer';

/** What a decimal field holds at most: digits from the first that is not zero, and digits after the point. */
export const MAX_DECIMAL_DIGITS = 38;

/** Canonical already, and short enough to need no counting: the road of nearly every value. */
const CANONICAL = /^(?:0|[1-9]\d{0,17})(?:\.\d{1,18})?$/;
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?$/;

/**
 * Decimal text in canonical form: no `+`, no leading zeros, no bare point, no negative zero. Trailing zeros stay, for the
 * scale matters in Cassandra. Undefined when it is no decimal number or has more than `maxDigits` digits; no exponents.
 */
export function canonicalDecimal(text: string, maxDigits: number = MAX_DECIMAL_DIGITS): string | undefined {
  if (CANONICAL.test(text)) return text;
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const whole = match[2]!;
  const fraction = match[3] ?? '';
  if (whole === '' && fraction === '') return undefined;
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits.length > maxDigits || fraction.length > maxDigits) return undefined;
  const sign = match[1] === '-' && digits !== '' ? '-' : '';
  const plain = `${sign}${whole.replace(/^0+(?=\d)/, '') || '0'}`;
  return fraction === '' ? plain : `${plain}.${fraction}`;
}

/**
 * Canonical decimal of a JSON number: the shortest digits that mean it, without exponent. Undefined for whole numbers
 * beyond 2^53, whose last digits are lost already.
 */
export function decimalOfNumber(value: number): string | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (Number.isInteger(value)) return Number.isSafeInteger(value) ? String(value) : undefined;
  return canonicalDecimal(withoutExponent(String(value)));
}

/**
 * Text of a JavaScript number: `1.5e-7` → `0.00000015`, `1.5e+21` → `15` and 20 zeros. A positive exponent is always
 * greater than the number of digits.
 */
export function withoutExponent(text: string): string {
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!match) return text;
  const [, sign = '', first = '', more = '', exponent] = match;
  const places = Number(exponent);
  return places < 0 ? `${sign}0.${'0'.repeat(-places - 1)}${first}${more}` : sign + first + more.padEnd(places, '0');
}

/** Sign of a − b for canonical decimals: -1, 0 or 1; `10.0` equals `10.00`. */
export function compareDecimals(a: string, b: string): number {
  const aNegative = a.charCodeAt(0) === 45;
  const bNegative = b.charCodeAt(0) === 45;
  if (aNegative !== bNegative) return aNegative ? -1 : 1;
  return aNegative ? compareMagnitudes(b.slice(1), a.slice(1)) : compareMagnitudes(a, b);
}

function compareMagnitudes(a: string, b: string): number {
  const [aWhole = '', aFraction = ''] = a.split('.');
  const [bWhole = '', bFraction = ''] = b.split('.');
  if (aWhole.length !== bWhole.length) return aWhole.length < bWhole.length ? -1 : 1;
  const scale = Math.max(aFraction.length, bFraction.length);
  const aDigits = aWhole + aFraction.padEnd(scale, '0');
  const bDigits = bWhole + bFraction.padEnd(scale, '0');
  return aDigits === bDigits ? 0 : aDigits < bDigits ? -1 : 1;
}

/** Exact product of two canonical decimals; its scale is the sum of theirs. */
export function multiplyDecimals(a: string, b: string): string {
  const aPoint = a.indexOf('.');
  const bPoint = b.indexOf('.');
  const scale = (aPoint < 0 ? 0 : a.length - aPoint - 1) + (bPoint < 0 ? 0 : b.length - bPoint - 1);
  const aUnscaled = aPoint < 0 ? a : a.slice(0, aPoint) + a.slice(aPoint + 1);
  const bUnscaled = bPoint < 0 ? b : b.slice(0, bPoint) + b.slice(bPoint + 1);
  return decimalOfUnscaled(unscaledProduct(aUnscaled, bUnscaled), scale);
}

/** Exact sum of two canonical decimals; its scale is the greater of theirs. */
export function addDecimals(a: string, b: string): string {
  const scale = Math.max(scaleOf(a), scaleOf(b));
  const [left, right] = [unscaledOf(a, scale), unscaledOf(b, scale)];
  const sum = Number(left) + Number(right);
  const areSafe = left.length <= SAFE_DIGITS && right.length <= SAFE_DIGITS;
  return decimalOfUnscaled(areSafe ? String(sum) : String(BigInt(left) + BigInt(right)), scale);
}

/** Texts of up to so many characters are numbers below 2^52, so their sum is exact. */
const SAFE_DIGITS = 15;

function scaleOf(decimal: string): number {
  const point = decimal.indexOf('.');
  return point < 0 ? 0 : decimal.length - point - 1;
}

/** The digits of a decimal whose scale is at most `scale`, as if it had that one. */
const unscaledOf = (decimal: string, scale: number): string =>
  decimal.replace('.', '') + '0'.repeat(scale - scaleOf(decimal));

/** A safe product has exact factors (or a zero), so numbers do; anything larger takes BigInt, at several times the cost. */
function unscaledProduct(a: string, b: string): string {
  const product = Number(a) * Number(b);
  if (Number.isSafeInteger(product)) return String(product);
  return String(BigInt(a) * BigInt(b));
}

/** Canonical decimal of `unscaled` × 10^-scale. */
export function decimalOfUnscaled(unscaled: string, scale: number): string {
  if (scale === 0) return unscaled;
  const negative = unscaled.charCodeAt(0) === 45;
  const digits = (negative ? unscaled.slice(1) : unscaled).padStart(scale + 1, '0');
  return `${negative ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** More bytes than any decimal that can be read here; the digits of a hostile one of a MiB would take seconds. */
const MAX_UNSCALED_BYTES = 64;
/** As many bytes as a number holds exactly. */
const SAFE_BYTES = 6;

/**
 * Canonical decimal of bytes that hold an unscaled value in two's complement, as Avro and Kafka Connect have it.
 * Undefined for no bytes, and for more than 64.
 */
export function decimalOfBytes(bytes: Buffer, scale: number): string | undefined {
  const size = bytes.length;
  if (size === 0 || size > MAX_UNSCALED_BYTES) return undefined;
  return decimalOfUnscaled(String(unscaledOfBytes(bytes)), scale);
}

/** The whole number that bytes hold in two's complement; 0 for none. */
export function unscaledOfBytes(bytes: Buffer): number | bigint {
  const size = bytes.length;
  if (size > 0 && size <= SAFE_BYTES) return bytes.readIntBE(0, size);
  return BigInt.asIntN(size * 8, BigInt(`0x${bytes.toString('hex') || '0'}`));
}

/** The same value with zeros at its end dropped, but for those that make up `minScale` digits after the point. */
export function withoutZeros(decimal: string, minScale: number): string {
  const point = decimal.indexOf('.');
  if (point < 0) return decimal;
  const least = minScale === 0 ? point : point + 1 + minScale;
  let end = decimal.length;
  while (end > least && decimal.charCodeAt(end - 1) === 48) end--;
  return decimal.slice(0, end === point + 1 ? point : end);
}
