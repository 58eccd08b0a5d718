import { decimalOfUnscaled } from '../values/decimal.js';

/** Above this many digits a number cannot hold the unscaled value exactly. */
const SAFE_DIGITS = 15;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;
const [MINUS, POINT, ZERO, NINE] = [0x2d, 0x2e, 0x30, 0x39];

/**
 * An exact sum of decimals: as many digits after the point as the finest of them has, so it is the same whatever their
 * order. Made to be added to for every record: small values are plain arithmetic and allocate nothing.
 */
export class DecimalSum {
  /** digits after the point */
  private scale = 0;
  /** the sum without its point is high + low; low is a safe integer */
  private low = 0;
  private high = 0n;

  static of(text: string): DecimalSum {
    const sum = new DecimalSum();
    sum.add(text);
    return sum;
  }

  /** Adds a canonical decimal; any other text adds nothing. */
  add(text: string): void {
    const negative = text.charCodeAt(0) === MINUS;
    let unscaled = 0;
    let scale = -1;
    if (text.length > SAFE_DIGITS) return this.addLong(text);
    for (let i = negative ? 1 : 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= ZERO && code <= NINE) {
        unscaled = unscaled * 10 + code - ZERO;
        if (scale >= 0) scale++;
      } else if (code === POINT && scale < 0) scale = 0;
      else return this.addLong(text);
    }
    this.addUnscaled(negative ? -unscaled : unscaled, Math.max(0, scale));
  }

  /** A safe integer. */
  addInteger(value: number): void {
    this.addUnscaled(value, 0);
  }

  addSum({ scale, low, high }: DecimalSum): void {
    if (high !== 0n) this.addBig(high, scale);
    this.addUnscaled(low, scale);
  }

  /** Canonical text, with all digits of its scale. */
  toString(): string {
    const unscaled = this.high === 0n ? String(this.low) : String(this.high + BigInt(this.low));
    return decimalOfUnscaled(unscaled, this.scale);
  }

  private addUnscaled(unscaled: number, scale: number): void {
    if (scale > this.scale) this.rescale(scale);
    const aligned = scale === this.scale ? unscaled : unscaled * 10 ** (this.scale - scale);
    const sum = this.low + aligned;
    if (Number.isSafeInteger(sum) && Number.isSafeInteger(aligned)) this.low = sum;
    else this.addBig(BigInt(unscaled), scale);
  }

  private addBig(unscaled: bigint, scale: number): void {
    if (scale > this.scale) this.rescale(scale);
    this.high += unscaled * 10n ** BigInt(this.scale - scale);
  }

  private addLong(text: string): void {
    const match = DECIMAL.exec(text);
    if (!match) return;
    const [, sign = '', whole = '', fraction = ''] = match;
    this.addBig(BigInt(sign + whole + fraction), fraction.length);
  }

  private rescale(scale: number): void {
    this.high = (this.high + BigInt(this.low)) * 10n ** BigInt(scale - this.scale);
    this.low = 0;
    this.scale = scale;
  }
}
