import { Conversation, type Address } from './conversation.js';

const API_VERSIONS = { key: 18, version: 0 };
/** The lowest version that names the cluster and that Kafka 4 still speaks. */
const METADATA = { key: 3, version: 4 };
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const CLIENT_ID = 'orderstream-probe';

export interface KafkaMetadata {
  readonly clusterId: string;
  readonly controllerId: number;
  readonly brokers: ReadonlyArray<{ readonly id: number; readonly host: string; readonly port: number }>;
}

/**
 * Resolves when the broker at `address` answers ApiVersions and Metadata and knows a controller and a broker.
 * Rejects with the reason otherwise. It writes nothing and creates nothing.
 */
export async function probeKafka(address: Address, timeoutMs: number): Promise<KafkaMetadata> {
  const conversation = await Conversation.open(address, timeoutMs, sizePrefixed);
  try {
    assertSpeaksMetadata(await conversation.ask(apiVersionsRequest()));
    const metadata = parseMetadata(await conversation.ask(metadataRequest()));
    if (!metadata.brokers.some((broker) => broker.id === metadata.controllerId)) {
      throw new Error(`Kafka answers, but has no controller among its ${metadata.brokers.length} brokers yet`);
    }
    return metadata;
  } finally {
    conversation.close();
  }
}

/** The text of another protocol, read as a size, is more than any answer to these questions. */
function sizePrefixed(received: Buffer): number | undefined {
  if (received.length < 4) return undefined;
  const size = received.readInt32BE(0);
  if (size < 4 || size > MAX_ANSWER_BYTES) throw new Error('what answers does not speak the Kafka protocol');
  return 4 + size;
}

function request(api: { key: number; version: number }, body: Buffer): Buffer {
  const head = Buffer.alloc(14);
  head.writeInt32BE(10 + CLIENT_ID.length + body.length, 0);
  head.writeInt16BE(api.key, 4);
  head.writeInt16BE(api.version, 6);
  head.writeInt32BE(api.key, 8); // correlation id: one question at a time, so the key tells them apart
  head.writeInt16BE(CLIENT_ID.length, 12);
  return Buffer.concat([head, Buffer.from(CLIENT_ID), body]);
}

export const apiVersionsRequest = (): Buffer => request(API_VERSIONS, Buffer.alloc(0));

/** Asks about no topic, and not to create one. */
export const metadataRequest = (): Buffer => request(METADATA, Buffer.from([0, 0, 0, 0, 0]));

/** Throws unless the broker's own list says that it speaks our Metadata version. */
export function assertSpeaksMetadata(answer: Buffer): void {
  const error = answer.readInt16BE(8);
  if (error !== 0) throw new Error(`Kafka answers ApiVersions with error ${error}`);
  const count = answer.readInt32BE(10);
  for (let i = 0, at = 14; i < count; i++, at += 6) {
    const [key, min, max] = [answer.readInt16BE(at), answer.readInt16BE(at + 2), answer.readInt16BE(at + 4)];
    if (key === METADATA.key && min <= METADATA.version && METADATA.version <= max) return;
  }
  throw new Error(`Kafka does not speak Metadata version ${METADATA.version}`);
}

export function parseMetadata(answer: Buffer): KafkaMetadata {
  const reader = new Reader(answer, 12); // size, correlation id, throttle time
  const brokers = Array.from({ length: reader.int32() }, () => {
    const broker = { id: reader.int32(), host: reader.text(), port: reader.int32() };
    reader.text(); // rack
    return broker;
  });
  return { brokers, clusterId: reader.text(), controllerId: reader.int32() };
}

class Reader {
  constructor(
    private readonly bytes: Buffer,
    private at: number,
  ) {}

  int32(): number {
    this.at += 4;
    return this.bytes.readInt32BE(this.at - 4);
  }

  /** A null text is an empty one. */
  text(): string {
    const length = Math.max(0, this.bytes.readInt16BE(this.at));
    this.at += 2 + length;
    return this.bytes.toString('utf8', this.at - length, this.at);
  }
}
