import { Conversation, type Address } from './conversation.js';

const HEADER_BYTES = 9;
const REQUEST_V4 = 0x04;
const OPCODE = { error: 0x00, startup: 0x01, ready: 0x02, authenticate: 0x03, query: 0x07, result: 0x08 } as const;
const CONSISTENCY_ONE = 1;
const RESULT_ROWS = 2;

export interface CqlNode {
  /** undefined when the node asks for a password first */
  readonly clusterName: string | undefined;
}

/**
 * Resolves when the node at `address` answers STARTUP of native protocol v4 with READY (then also with its cluster's
 * name) or AUTHENTICATE. Rejects with the reason otherwise.
 */
export async function probeCassandra(address: Address, timeoutMs: number): Promise<CqlNode> {
  const conversation = await Conversation.open(address, timeoutMs, frameLength);
  try {
    const welcome = parseFrame(await conversation.ask(startupRequest()));
    if (welcome.opcode === OPCODE.authenticate) return { clusterName: undefined };
    if (welcome.opcode !== OPCODE.ready) throw refusal(welcome);
    const answer = parseFrame(await conversation.ask(queryRequest('SELECT cluster_name FROM system.local')));
    if (answer.opcode !== OPCODE.result) throw refusal(answer);
    return { clusterName: firstCell(answer.body) };
  } finally {
    conversation.close();
  }
}

/** Answers have the highest bit of their first byte set; anything else there would be misread for a length. */
function frameLength(received: Buffer): number | undefined {
  if (received.length < HEADER_BYTES) return undefined;
  if ((received[0]! & 0x80) === 0) throw new Error('what answers does not speak CQL');
  return HEADER_BYTES + received.readInt32BE(5);
}

interface Frame {
  readonly opcode: number;
  readonly body: Buffer;
}

const parseFrame = (bytes: Buffer): Frame => ({ opcode: bytes[4]!, body: bytes.subarray(HEADER_BYTES) });

function frame(opcode: number, body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = REQUEST_V4;
  header[4] = opcode;
  header.writeInt32BE(body.length, 5);
  return Buffer.concat([header, body]);
}

function shortText(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length, 0);
  return Buffer.concat([length, bytes]);
}

export function startupRequest(): Buffer {
  return frame(OPCODE.startup, Buffer.concat([Buffer.from([0, 1]), shortText('CQL_VERSION'), shortText('3.0.0')]));
}

export function queryRequest(cql: string): Buffer {
  const text = Buffer.from(cql);
  const length = Buffer.alloc(4);
  length.writeInt32BE(text.length, 0);
  return frame(OPCODE.query, Buffer.concat([length, text, Buffer.from([0, CONSISTENCY_ONE, 0])]));
}

/** ERROR frames carry a code and a text. */
function refusal({ opcode, body }: Frame): Error {
  if (opcode !== OPCODE.error) return new Error(`Cassandra answers with opcode ${opcode}`);
  const length = body.readUInt16BE(4);
  return new Error(`Cassandra answers with error ${body.readInt32BE(0)}: ${body.toString('utf8', 6, 6 + length)}`);
}

/** The only cell of a result with one text column. */
export function firstCell(body: Buffer): string {
  if (body.readInt32BE(0) !== RESULT_ROWS) throw new Error('Cassandra answers without rows');
  let at = 12; // kind, flags, column count: one column, global table spec
  for (let texts = 0; texts < 3; texts++) at += 2 + body.readUInt16BE(at); // keyspace, table, column
  at += 2 + 4; // type, row count
  const length = body.readInt32BE(at);
  return body.toString('utf8', at + 4, at + 4 + length);
}
