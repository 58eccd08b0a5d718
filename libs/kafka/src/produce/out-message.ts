/** One record on its way to Kafka. A null key is allowed; a null value is a tombstone. */
export interface OutMessage {
  readonly key: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly headers?: Readonly<Record<string, string | Buffer>>;
  /** ms since the epoch as text. Default: when the send is encoded */
  readonly timestamp?: string;
}

/** Length, attributes, timestamp and offset deltas and the key and value lengths: an upper bound of the usual case. */
const RECORD_OVERHEAD_BYTES = 24;
const HEADER_OVERHEAD_BYTES = 4;

/** About how many bytes the record takes in a request; for keeping a send below the topic's `max.message.bytes`. */
export function outMessageBytes(message: OutMessage): number {
  let bytes = RECORD_OVERHEAD_BYTES + bytesOf(message.key) + bytesOf(message.value);
  for (const name in message.headers) {
    bytes += HEADER_OVERHEAD_BYTES + bytesOf(name) + bytesOf(message.headers[name]!);
  }
  return bytes;
}

function bytesOf(text: Buffer | string | null): number {
  if (text === null) return 0;
  return typeof text === 'string' ? Buffer.byteLength(text) : text.length;
}
