/**
 * Metadata version 11: the lowest that Kafka 4 and kafkajs's own versions (up to 6) leave room for and that gives a
 * topic's id. It is of the "flexible" kind, whose headers end in tagged fields that kafkajs does not know: they begin the
 * body here.
 */
export const METADATA = { apiKey: 3, apiVersion: 11 } as const;

const NO_TAGS = 0;
const ANY_ID = Buffer.alloc(16);

/** Asks about these topics, and not to create them. */
export function metadataRequestBody(topics: readonly string[]): Buffer {
  const parts: Buffer[] = [Buffer.from([NO_TAGS]), uvarint(topics.length + 1)];
  for (const topic of topics) {
    const name = Buffer.from(topic);
    parts.push(ANY_ID, uvarint(name.length + 1), name, Buffer.from([NO_TAGS]));
  }
  const [allowAutoTopicCreation, includeAuthorizedOperations] = [0, 0];
  parts.push(Buffer.from([allowAutoTopicCreation, includeAuthorizedOperations, NO_TAGS]));
  return Buffer.concat(parts);
}

export interface TopicIdentity {
  readonly name: string;
  /** Kafka's error code; 0: none */
  readonly error: number;
  /** a uuid; all zeros from brokers that have none */
  readonly id: string;
}

/** What the answer says of each topic; brokers and partitions are passed over. */
export function readTopicIdentities(answer: Buffer): TopicIdentity[] {
  const reader = new Reader(answer);
  reader.skipTags(); // of the header
  reader.skip(4); // throttle time
  reader.skipArray(() => {
    reader.skip(4); // node id
    reader.text(); // host
    reader.skip(4); // port
    reader.text(); // rack
    reader.skipTags();
  });
  reader.text(); // cluster id
  reader.skip(4); // controller
  const topics: TopicIdentity[] = [];
  reader.skipArray(() => topics.push(topicIn(reader)));
  return topics;
}

function topicIn(reader: Reader): TopicIdentity {
  const error = reader.int16();
  const name = reader.text();
  const id = reader.uuid();
  reader.skip(1); // internal?
  reader.skipArray(() => {
    reader.skip(2 + 4 + 4 + 4); // error, index, leader, epoch
    for (let list = 0; list < 3; list++) reader.skipArray(() => reader.skip(4)); // replicas, in sync, offline
    reader.skipTags();
  });
  reader.skip(4); // authorized operations
  reader.skipTags();
  return { name, error, id };
}

function uvarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** Reads compact arrays and texts; past the end it throws RangeError, as Buffer does. */
class Reader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  skip(count: number): void {
    this.at += count;
  }

  int16(): number {
    this.at += 2;
    return this.bytes.readInt16BE(this.at - 2);
  }

  /** A null text is an empty one. */
  text(): string {
    const length = Math.max(0, this.uvarint() - 1);
    this.at += length;
    return this.bytes.toString('utf8', this.at - length, this.at);
  }

  uuid(): string {
    this.at += 16;
    const hex = this.bytes.toString('hex', this.at - 16, this.at);
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }

  skipArray(item: () => void): void {
    for (let left = this.uvarint() - 1; left > 0; left--) item();
  }

  skipTags(): void {
    for (let left = this.uvarint(); left > 0; left--) {
      this.uvarint();
      const length = this.uvarint();
      this.skip(length);
    }
  }

  private uvarint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes.readUInt8(this.at++);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }
}
