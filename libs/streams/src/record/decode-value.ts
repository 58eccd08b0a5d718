import { isUtf8 } from 'node:buffer';
import type { RowFault } from '@orderstream/contracts';
import { WIRE_HEADER_BYTES, WIRE_MAGIC } from '../avro/avro-encoder.js';
import { parseExactly } from '../values/json-text.js';
import { isConnectEnvelope, payloadOf } from './connect-json.js';
import type { SchemaLookup } from './known-schema.js';

export type Decoded =
  { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'fault'; readonly fault: RowFault };

/**
 * Bytes of a message → a JSON value, whatever shape it has. Told apart by what they are, record by record: the Confluent
 * wire format by its first byte, which no JSON begins with; JSON with a schema in it, as Kafka Connect writes, by its
 * shape; all else is JSON. Never throws.
 */
export function decodeValue(bytes: Buffer, schemas: SchemaLookup): Decoded {
  if (bytes.length === 0) return undecodable('the value has no bytes');
  if (bytes[0] === WIRE_MAGIC) return decodeWire(bytes, schemas);
  const decoded = decodeJson(bytes);
  if (decoded.kind === 'fault' || !isConnectEnvelope(decoded.value)) return decoded;
  try {
    return { kind: 'value', value: payloadOf(decoded.value) };
  } catch {
    return undecodable('the payload is nested too deeply');
  }
}

/** The id of the schema that a value names; undefined where it names none. */
export const schemaIdOf = (value: Buffer | null): number | undefined =>
  value !== null && value[0] === WIRE_MAGIC && value.length >= WIRE_HEADER_BYTES ? value.readUInt32BE(1) : undefined;

function decodeJson(bytes: Buffer): Decoded {
  if (!isUtf8(bytes)) return undecodable('the value is not UTF-8');
  try {
    return { kind: 'value', value: parseExactly(bytes.toString('utf8')) };
  } catch (error) {
    return undecodable(`the value is not JSON: ${(error as Error).message}`);
  }
}

function decodeWire(bytes: Buffer, schemas: SchemaLookup): Decoded {
  const id = schemaIdOf(bytes);
  if (id === undefined) return undecodable('the value begins like Avro but has no schema id');
  const schema = schemas.schemaOf(id);
  switch (schema.kind) {
    case 'avro':
      return decodeAvro(bytes, id, schema.read);
    case 'json':
      return decodeJson(bytes.subarray(WIRE_HEADER_BYTES));
    case 'unsupported': {
      const reason = `schema id ${id} is ${nameOf(schema.type)}, which is not read here. Send Avro or JSON.`;
      return fault('unsupported_schema_type', reason);
    }
    case 'unknown':
      return fault('unknown_schema', schema.reason);
  }
}

function decodeAvro(bytes: Buffer, id: number, read: (value: Buffer) => unknown): Decoded {
  try {
    return { kind: 'value', value: read(bytes) };
  } catch (error) {
    return undecodable(`the value is not what Avro schema id ${id} describes: ${(error as Error).message}`);
  }
}

const nameOf = (type: string): string => (type.toUpperCase() === 'PROTOBUF' ? 'Protobuf' : type);

const undecodable = (reason: string): Decoded => fault('undecodable', reason);

function fault(code: RowFault['code'], reason: string): Decoded {
  return { kind: 'fault', fault: { code, reason } };
}
