import { Buffer } from 'node:buffer';

const FIRST_BYTES = 1024;
/** Characters of a text of at most 63 bytes, whatever they are. */
const SHORT_LENGTH = 21;

/** Writes one value after the other in the binary encoding of Avro. One of them serves all rows of a stream. */
export class ByteWriter {
  private bytes = Buffer.allocUnsafe(FIRST_BYTES);
  private length = 0;

  /** Forgets what was written. */
  begin(): void {
    this.length = 0;
  }

  /** A copy of what was written since `begin`. */
  copy(): Buffer {
    return Buffer.from(this.bytes.subarray(0, this.length));
  }

  byte(value: number): void {
    this.makeRoom(1);
    this.bytes[this.length++] = value;
  }

  uint32(value: number): void {
    this.makeRoom(4);
    this.length = this.bytes.writeUInt32BE(value, this.length);
  }

  /** An int or long: a safe integer. */
  long(value: number): void {
    this.makeRoom(10);
    let rest = value >= 0 ? value * 2 : -value * 2 - 1;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.bytes[this.length++] = (rest % 0x80) | 0x80;
    this.bytes[this.length++] = rest;
  }

  /** A long of any of its 64 bits. */
  bigLong(value: bigint): void {
    this.makeRoom(10);
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    for (; rest >= 0x80n; rest >>= 7n) this.bytes[this.length++] = Number(rest & 0x7fn) | 0x80;
    this.bytes[this.length++] = Number(rest);
  }

  text(value: string): void {
    if (value.length <= SHORT_LENGTH) return this.shortText(value);
    const size = Buffer.byteLength(value);
    this.long(size);
    this.makeRoom(size);
    this.length += this.bytes.write(value, this.length);
  }

  /** Its size takes one byte, so it can be written behind it before it is known. */
  private shortText(value: string): void {
    this.makeRoom(1 + 3 * SHORT_LENGTH);
    const size = this.bytes.write(value, this.length + 1);
    this.bytes[this.length] = 2 * size;
    this.length += 1 + size;
  }

  /** Bytes that hold a whole number in two's complement, as short as it can be. */
  unscaled(value: number | bigint): void {
    if (typeof value === 'bigint') return this.bigUnscaled(value);
    let size = 1;
    for (let limit = 128; value >= limit || value < -limit; limit *= 256) size++;
    this.long(size);
    this.makeRoom(size);
    let rest = value;
    for (let at = this.length + size - 1; at >= this.length; at--) {
      // Floored division keeps the two's complement of a negative value right.
      const next = Math.floor(rest / 256);
      this.bytes[at] = rest - next * 256;
      rest = next;
    }
    this.length += size;
  }

  private bigUnscaled(value: bigint): void {
    let size = 1;
    while (BigInt.asIntN(size * 8, value) !== value) size++;
    this.long(size);
    this.makeRoom(size);
    const hex = BigInt.asUintN(size * 8, value).toString(16);
    this.length += this.bytes.write(hex.padStart(size * 2, '0'), this.length, 'hex');
  }

  private makeRoom(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + more));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}
