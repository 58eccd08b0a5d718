import { UnreadableBatchError } from './unreadable-batch.error.js';

const FIRST_BYTES = 64 * 1024;

/** What a decompressor has written so far; it grows up to `maxBytes`, and copies from what it has, as LZ codes ask for. */
export class ByteOutput {
  private bytes: Buffer;
  private written = 0;

  constructor(
    private readonly maxBytes: number,
    expectedBytes = FIRST_BYTES,
  ) {
    this.bytes = Buffer.allocUnsafe(Math.min(maxBytes, Math.max(expectedBytes, 1)));
  }

  get length(): number {
    return this.written;
  }

  get result(): Buffer {
    return this.bytes.subarray(0, this.written);
  }

  /** Appends what lies in `source` from `from` up to `end`. Throws when it does not have that, or it is too much. */
  append(source: Uint8Array, from: number, end: number): void {
    if (end > source.length) throw new UnreadableBatchError('it ends in the middle');
    this.makeRoom(end - from);
    this.bytes.set(source.subarray(from, end), this.written);
    this.written += end - from;
  }

  /** Appends `length` bytes that lie `distance` back; those it appends meanwhile are among them. */
  repeat(distance: number, length: number): void {
    if (distance <= 0 || distance > this.written) throw new UnreadableBatchError('it refers to bytes before its start');
    this.makeRoom(length);
    const { bytes } = this;
    const end = this.written + length;
    if (distance >= length) bytes.copyWithin(this.written, this.written - distance, this.written - distance + length);
    else for (let to = this.written; to < end; to++) bytes[to] = bytes[to - distance]!;
    this.written = end;
  }

  private makeRoom(count: number): void {
    const needed = this.written + count;
    if (needed <= this.bytes.length) return;
    if (needed > this.maxBytes) throw UnreadableBatchError.tooLarge(this.maxBytes);
    const larger = Buffer.allocUnsafe(Math.min(this.maxBytes, Math.max(needed, this.bytes.length * 2)));
    larger.set(this.result);
    this.bytes = larger;
  }
}
