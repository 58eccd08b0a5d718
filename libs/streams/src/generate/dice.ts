import { createHash } from 'node:crypto';

/** Weyl increment of SplitMix (Steele, Lea, Flood 2014) in 32 bits: odd, 2^32 / golden ratio. */
const GOLDEN = 0x9e3779b9;
const TWO_32 = 4_294_967_296;

/** fmix32, the finaliser of MurmurHash3 (Austin Appleby, public domain): a bijection of the 32-bit integers. */
export function mix32(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** 32 bytes of SHA-256. */
export const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Eight 32-bit words that tell one text from another. */
export function saltOf(text: string): Int32Array {
  const digest = digestOf(text);
  return Int32Array.from({ length: 8 }, (_, word) => digest.readInt32BE(word * 4));
}

/**
 * Random numbers that depend on (salt, index, count of throws since `seat`) and nothing else: a counter-based generator,
 * so that any record can be made without those before it. Good for fake data, not for secrets.
 */
export class Dice {
  private state = 0;

  constructor(private readonly salt: Int32Array) {}

  /** Begins the throws of record `index`, a whole number of 0 or more. */
  seat(index: number): void {
    this.state = indexWord(this.salt, index, 1);
  }

  /** A whole number from 0 to 2^32 − 1. */
  next(): number {
    this.state = (this.state + GOLDEN) | 0;
    return mix32(this.state ^ this.salt[7]!);
  }

  /** From 0 up to, not including, 1; 32 bits fine. */
  share(): number {
    return this.next() / TWO_32;
  }

  /** A whole number from 0 to `count` − 1, for counts up to 2^53. */
  below(count: number): number {
    if (count <= TWO_32) return Math.floor(this.share() * count);
    const high = this.next() >>> 11;
    return Math.floor(((high * TWO_32 + this.next()) / (TWO_32 * 2_097_152)) * count);
  }
}

/**
 * Word number `word` of record `index`. The first two words together differ for all indexes up to 2^53, because each
 * step is a bijection: word 0 tells the low half of the index, word 1 then the high half.
 */
function indexWord(salt: Int32Array, index: number, word: number): number {
  const low = mix32((index | 0) ^ salt[word & 7]! ^ Math.imul(word >>> 3, GOLDEN));
  return word === 0 ? low : mix32(low + Math.imul(Math.floor(index / TWO_32), GOLDEN));
}

/** `length` hexadecimal digits of record `index`; from 16 on they are distinct for every index. */
export function hexOf(salt: Int32Array, index: number, length: number): string {
  let text = '';
  for (let word = 0; text.length < length; word++) {
    text += indexWord(salt, index, word).toString(16).padStart(8, '0');
  }
  return text.length === length ? text : text.slice(0, length);
}

/** The index below 2^32 that `hexOf` made this text from, if it is one; hold it against `hexOf`. 8 digits or more. */
export function indexOfHex(salt: Int32Array, text: string): number | undefined {
  const word = Number.parseInt(text.slice(0, 8), 16);
  return Number.isNaN(word) ? undefined : (unmix32(word) ^ salt[0]!) >>> 0;
}

/** The inverse of `mix32`: its multipliers are the inverses modulo 2^32. */
function unmix32(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x7ed1b41d);
  h ^= (h >>> 13) ^ (h >>> 26);
  h = Math.imul(h, 0xa5cb9243);
  return (h ^ (h >>> 16)) >>> 0;
}
