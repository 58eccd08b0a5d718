/** The bytes are not what their schema describes. */
export class AvroBytesError extends Error {
  override readonly name = 'AvroBytesError';
}

/** 49 bits: what seven bytes of a varint hold, and a number too. */
const NUMBER_BYTES = 7;
const MAX_VARINT_BYTES = 10;
const TOO_SHORT = 'it ends too early';

/**
 * Reads the binary encoding of Avro. The bytes are a stranger's: nothing is read beyond their end, and no count in them
 * is believed before there are bytes for it.
 */
export class ByteReader {
  constructor(
    private readonly bytes: Buffer,
    private at: number,
  ) {}

  get position(): number {
    return this.at;
  }

  get remaining(): number {
    return this.bytes.length - this.at;
  }

  byte(): number {
    if (this.at >= this.bytes.length) throw new AvroBytesError(TOO_SHORT);
    return this.bytes[this.at++]!;
  }

  /** An int or long: a number where it is exact, else its decimal text. */
  long(): number | string {
    let zigzag = 0;
    let factor = 1;
    for (let i = 0; i < NUMBER_BYTES; i++) {
      const byte = this.byte();
      zigzag += (byte & 0x7f) * factor;
      if (byte < 0x80) return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
      factor *= 0x80;
    }
    return this.bigLong(BigInt(zigzag));
  }

  /** A long that must be a safe number: a length, an index, a count. */
  count(): number {
    const value = this.long();
    if (typeof value === 'string') throw new AvroBytesError(`it has a length of ${value}`);
    return value;
  }

  /** So many bytes, without copying them. */
  slice(size: number): Buffer {
    if (size < 0 || size > this.remaining) throw new AvroBytesError(TOO_SHORT);
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }

  sized(): Buffer {
    return this.slice(this.count());
  }

  text(): string {
    const size = this.count();
    if (size < 0 || size > this.remaining) throw new AvroBytesError(TOO_SHORT);
    this.at += size;
    return this.bytes.toString('utf8', this.at - size, this.at);
  }

  private bigLong(low: bigint): number | string {
    let zigzag = low;
    for (let i = NUMBER_BYTES; i < MAX_VARINT_BYTES; i++) {
      const byte = this.byte();
      zigzag |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte >= 0x80) continue;
      const value = BigInt.asIntN(64, (zigzag >> 1n) ^ -(zigzag & 1n));
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : String(value);
    }
    throw new AvroBytesError('it has a number of more than 64 bits');
  }
}
