import { isUtf8 } from 'node:buffer';
import type { RowFault } from '@orderstream/contracts';

/** First byte of the Confluent wire format; the schema id follows in four bytes, big-endian. */
const AVRO_MAGIC = 0;

export type Decoded =
  { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'fault'; readonly fault: RowFault };

/** Bytes of a message → a JSON value, whatever shape it has. Never throws. */
export function decodeValue(bytes: Buffer): Decoded {
  if (bytes.length === 0) return undecodable('the value has no bytes');
  if (bytes[0] === AVRO_MAGIC) return decodeAvro(bytes);
  if (!isUtf8(bytes)) return undecodable('the value is not UTF-8');
  try {
    return { kind: 'value', value: JSON.parse(bytes.toString('utf8')) as unknown };
  } catch (error) {
    return undecodable(`the value is not JSON: ${(error as Error).message}`);
  }
}

function decodeAvro(bytes: Buffer): Decoded {
  if (bytes.length < 5) return undecodable('the value begins like Avro but has no schema id');
  const id = bytes.readUInt32BE(1);
  return fault('unknown_schema', `Avro schema id ${id} cannot be looked up: no schema registry is configured`);
}

const undecodable = (reason: string): Decoded => fault('undecodable', reason);

function fault(code: RowFault['code'], reason: string): Decoded {
  return { kind: 'fault', fault: { code, reason } };
}
