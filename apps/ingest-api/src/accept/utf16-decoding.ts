/** Stands for what cannot be decoded: a byte that no UTF-8 text has, so that the record it is in is refused. */
const NOT_UTF8 = Buffer.of(0xff);
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const NOTHING = Buffer.alloc(0);

/** UTF-16 to UTF-8, chunk by chunk; chunks may end anywhere. */
export class Utf16Decoder {
  private held: Buffer = NOTHING;

  constructor(private readonly order: 'le' | 'be') {}

  decode(chunk: Buffer): Buffer {
    const data = Buffer.concat([this.held, chunk]);
    let end = data.length - (data.length % 2);
    if (end > 0 && isHighSurrogate(data[this.order === 'le' ? end - 1 : end - 2]!)) end -= 2;
    // A copy, because swapping works in place.
    this.held = Buffer.from(data.subarray(end));
    return this.encode(data.subarray(0, end));
  }

  /** What is left is half a character. */
  end(): Buffer {
    return this.held.length > 0 ? NOT_UTF8 : NOTHING;
  }

  private encode(units: Buffer): Buffer {
    const text = (this.order === 'be' ? units.swap16() : units).toString('utf16le');
    if (!LONE_SURROGATE.test(text)) return Buffer.from(text);
    return Buffer.concat(
      text.split(LONE_SURROGATE).flatMap((part, i) => (i > 0 ? [NOT_UTF8, Buffer.from(part)] : [Buffer.from(part)])),
    );
  }
}

/** `byte`: the upper one of a unit */
const isHighSurrogate = (byte: number): boolean => (byte & 0xfc) === 0xd8;
