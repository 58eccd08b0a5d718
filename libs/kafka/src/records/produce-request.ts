import { crc32c } from './crc32c.js';
import { RequestWriter, sizeOfVarint } from './request-writer.js';

export interface ProducedMessage {
  readonly key?: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
  /** ms since the epoch as text; default: now */
  readonly timestamp?: string | null | undefined;
}

/** What kafkajs makes a produce request of. */
export interface ProduceOptions {
  readonly acks: number;
  /** ms */
  readonly timeout: number;
  readonly transactionalId?: string | null;
  readonly producerId?: unknown;
  readonly producerEpoch?: number;
  readonly compression?: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly firstSequence?: number;
      readonly messages: readonly ProducedMessage[];
    }[];
  }[];
}

/** What kafkajs reads of an encoded request. */
interface Encoded {
  readonly buf: Buffer;
  readonly buffer: Buffer;
}

interface ProduceRequest {
  encode(): Promise<Encoded>;
}

export type MakeProduceRequest = (options: ProduceOptions) => ProduceRequest;

const NO_HEADERS: NonNullable<ProducedMessage['headers']> = Object.freeze({});
const MAX_DELTA_MS = 2 ** 30;
/** Of a request before its topics, of a topic, of a partition with the head of its batch. */
const HEAD_BYTES = 128;
/** Attributes, two deltas and the lengths of record, key, value and list of headers. */
const RECORD_HEAD_BYTES = 1 + 6 * 5;
const LENGTHS_OF_HEADER = 2 * 5;
/** The most bytes of UTF-8 that one unit of a text can have. */
const BYTES_PER_UNIT = 3;
const MAGIC = 2;
const NO_PRODUCER = -1;
/** Most records have from 64 to 8,191 bytes, so that their length has two. */
const USUAL_LENGTH_BYTES = 2;

/**
 * Makes the bytes that kafkajs 2.2.4 makes of a produce request (from version 3 on: record batches of format 2,
 * https://kafka.apache.org/documentation/#recordbatch) in one go: it copies each message's object, has a zeroed buffer
 * for each record and copies all records six times. `original` gets what is not of the usual kind: compression, sequence
 * numbers, headers of several values, times that are far apart.
 */
export function produceRequests(original: MakeProduceRequest): MakeProduceRequest {
  const writer = new RequestWriter();
  return (options) => {
    const request = original(options);
    if (!isPlain(options)) return request;
    const encode = (): Promise<Encoded> => {
      const bytes = write(writer, options);
      return bytes ? Promise.resolve({ buf: bytes, buffer: bytes }) : request.encode();
    };
    return { ...request, encode };
  };
}

function isPlain({ transactionalId, producerId, producerEpoch, compression, topicData }: ProduceOptions): boolean {
  if (transactionalId || compression || producerEpoch) return false;
  if (producerId !== undefined && Number(producerId) !== NO_PRODUCER) return false;
  return topicData.every(({ partitions }) => partitions.every(({ firstSequence }) => !firstSequence));
}

/** Undefined when a message is not of the usual kind. */
function write(writer: RequestWriter, { acks, timeout, topicData }: ProduceOptions): Buffer | undefined {
  writer.begin();
  writer.reserve(HEAD_BYTES);
  writer.int16(-1); // no transaction
  writer.int16(acks);
  writer.int32(timeout);
  writer.int32(topicData.length);
  for (const { topic, partitions } of topicData) {
    const name = Buffer.from(topic);
    writer.reserve(HEAD_BYTES + name.length);
    writer.int16(name.length);
    writer.at += name.copy(writer.bytes, writer.at);
    writer.int32(partitions.length);
    for (const { partition, messages } of partitions) {
      writer.reserve(HEAD_BYTES);
      writer.int32(partition);
      const begin = writer.at;
      writer.at += 4;
      if (!writeBatch(writer, messages)) return undefined;
      writer.bytes.writeInt32BE(writer.at - begin - 4, begin);
    }
  }
  return writer.take();
}

function writeBatch(writer: RequestWriter, messages: readonly ProducedMessage[]): boolean {
  const now = Date.now();
  const times: string[] = [];
  for (const { timestamp } of messages) if (timestamp !== undefined && timestamp !== null) times.push(timestamp);
  times.sort();
  const first = Number(times[0] ?? now);
  const last = Number(times.at(-1) ?? now);
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last)) return false;
  writer.int64(0); // first offset
  const lengthAt = writer.at;
  writer.at += 4;
  writer.int32(0); // leader epoch
  writer.int8(MAGIC);
  const checksumAt = writer.at;
  writer.at += 4;
  writer.int16(0); // attributes
  writer.int32(messages.length - 1);
  writer.int64(first);
  writer.int64(last);
  writer.int64(NO_PRODUCER);
  writer.int16(0);
  writer.int32(0);
  writer.int32(messages.length);
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i]!;
    const sinceFirst = Number(message.timestamp || now) - first;
    if (!writeRecord(writer, message, i, sinceFirst)) return false;
  }
  const { bytes, at } = writer;
  bytes.writeInt32BE(at - lengthAt - 4, lengthAt);
  bytes.writeUInt32BE(crc32c(bytes, checksumAt + 4, at), checksumAt);
  return true;
}

function writeRecord(writer: RequestWriter, message: ProducedMessage, offset: number, sinceFirst: number): boolean {
  if (!Number.isInteger(sinceFirst) || Math.abs(sinceFirst) >= MAX_DELTA_MS) return false;
  const { key, value, headers = NO_HEADERS } = message;
  const names = Object.keys(headers);
  let most = RECORD_HEAD_BYTES + mostBytes(key) + mostBytes(value);
  for (const name of names) {
    const content = headers[name];
    if (typeof content !== 'string' && !Buffer.isBuffer(content)) return false;
    most += LENGTHS_OF_HEADER + mostBytes(name) + mostBytes(content);
  }
  writer.reserve(most);
  const begin = writer.at;
  writer.at += USUAL_LENGTH_BYTES;
  writer.int8(0); // attributes
  writer.varint(sinceFirst);
  writer.varint(offset);
  writer.varBytes(key);
  writer.varBytes(value);
  writer.varint(names.length);
  for (const name of names) {
    writer.varBytes(name);
    writer.varBytes(headers[name] as Buffer | string);
  }
  setLength(writer, begin);
  return true;
}

/** Puts the length of a record in front of it. */
function setLength(writer: RequestWriter, begin: number): void {
  const length = writer.at - begin - USUAL_LENGTH_BYTES;
  const moved = sizeOfVarint(length) - USUAL_LENGTH_BYTES;
  const end = writer.at + moved;
  if (moved !== 0) writer.bytes.copyWithin(begin + USUAL_LENGTH_BYTES + moved, begin + USUAL_LENGTH_BYTES, writer.at);
  writer.at = begin;
  writer.varint(length);
  writer.at = end;
}

function mostBytes(content: Buffer | string | null | undefined): number {
  if (content === null || content === undefined) return 0;
  return typeof content === 'string' ? content.length * BYTES_PER_UNIT : content.length;
}
