/** Enough for the usual sends; what a larger one made of it is given back after it. */
const KEPT_BYTES = 1024 * 1024;
/** One less: the length of a shorter text has one byte. */
const SHORT = 64;
const TWO_32 = 2 ** 32;

/** Zigzag: small numbers of both signs have few bits. */
const zigzag = (value: number): number => ((value << 1) ^ (value >> 31)) >>> 0;

/** Bytes of a variable-length number of up to 32 bits. */
export function sizeOfVarint(value: number): number {
  const bits = zigzag(value);
  if (bits < 0x80) return 1;
  if (bits < 0x4000) return 2;
  if (bits < 0x20_0000) return 3;
  return bits < 0x1000_0000 ? 4 : 5;
}

/**
 * Writes one request after the other into the same bytes, so that nothing has to be measured before it is written; what
 * is taken is a copy of its size. Room for texts and byte arrays is reserved by the caller.
 */
export class RequestWriter {
  bytes = Buffer.allocUnsafeSlow(KEPT_BYTES);
  at = 0;

  /** The next request begins, whatever became of the one before. */
  begin(): void {
    if (this.bytes.length > KEPT_BYTES) this.bytes = Buffer.allocUnsafeSlow(KEPT_BYTES);
    this.at = 0;
  }

  /** A copy of what was written. */
  take(): Buffer {
    const taken = Buffer.from(this.bytes.subarray(0, this.at));
    this.begin();
    return taken;
  }

  reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    const more = Buffer.allocUnsafeSlow(2 * (this.at + count));
    this.bytes.copy(more, 0, 0, this.at);
    this.bytes = more;
  }

  int8(value: number): void {
    this.at = this.bytes.writeInt8(value, this.at);
  }

  int16(value: number): void {
    this.at = this.bytes.writeInt16BE(value, this.at);
  }

  int32(value: number): void {
    this.at = this.bytes.writeInt32BE(value, this.at);
  }

  /** A safe integer. */
  int64(value: number): void {
    const high = Math.floor(value / TWO_32);
    this.int32(high);
    this.at = this.bytes.writeUInt32BE(value - high * TWO_32, this.at);
  }

  varint(value: number): void {
    const { bytes } = this;
    let bits = zigzag(value);
    for (; bits >= 0x80; bits >>>= 7) bytes[this.at++] = (bits & 0x7f) | 0x80;
    bytes[this.at++] = bits;
  }

  /** With its length in front, or −1 where there is nothing. */
  varBytes(content: Buffer | string | null | undefined): void {
    if (content === null || content === undefined) return this.varint(-1);
    if (typeof content === 'string') return this.varText(content);
    this.varint(content.length);
    this.at += content.copy(this.bytes, this.at);
  }

  /** Short texts of ASCII, as keys and headers are, cost a fraction of a call of Buffer's. */
  private varText(text: string): void {
    if (text.length < SHORT && this.shortAscii(text)) return;
    this.varint(Buffer.byteLength(text));
    this.at += this.bytes.write(text, this.at);
  }

  private shortAscii(text: string): boolean {
    const { bytes } = this;
    let { at } = this;
    bytes[at++] = text.length << 1;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) return false;
      bytes[at++] = unit;
    }
    this.at = at;
    return true;
  }
}
