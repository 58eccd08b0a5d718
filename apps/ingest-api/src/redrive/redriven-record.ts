import { Buffer, isUtf8 } from 'node:buffer';
import type { StoredDeadLetter } from '@orderstream/cassandra';
import { CONTENT_TYPE_JSON, HEADER } from '@orderstream/contracts';
import type { OutMessage } from '@orderstream/kafka';
import { decodeValue, NO_SCHEMAS, RowFaults, schemaIdOf, type SchemaLookup } from '@orderstream/streams';
import { parseJson } from '../accept/json-record.js';
import { tooLarge } from '../publish/encode-row.js';
import { isObject, mergePatch } from './merge-patch.js';

/** Why a letter cannot be sent again; it stays as it is. */
export class Unfit {
  constructor(readonly why: string) {}
}

export interface RedriveAs {
  /** the next attempt */
  readonly attempt: number;
  /** JSON merge patch */
  readonly patch?: Readonly<Record<string, unknown>> | undefined;
  /** for a patch of a value in Avro */
  readonly schemas?: SchemaLookup | undefined;
}

/**
 * The record of a letter as it is sent again: its key, value and headers, the value patched, with the attempt. A record
 * that came without a write time is given the one it had, for the new record time is another; one that never had any is
 * not sent, for an old record would win over newer updates. A patched value is JSON, whatever it was before.
 */
export function redrivenRecord(letter: StoredDeadLetter, { attempt, patch, schemas }: RedriveAs): OutMessage | Unfit {
  if (letter.headers.has(HEADER.valueBytes))
    return new Unfit('the letter holds only the beginning of its value; the whole lies in its topic');
  if (letter.writeTimeMicros === undefined && !letter.headers.has(HEADER.writeTime)) return UNTIMED;
  const value = patch === undefined ? bytesOf(letter.value) : patchedValue(bytesOf(letter.value), patch, schemas);
  if (value instanceof Unfit) return value;
  const headers = headersOf(letter, attempt);
  if (patch !== undefined && headers[HEADER.contentType] !== undefined) headers[HEADER.contentType] = CONTENT_TYPE_JSON;
  const message = { key: bytesOf(letter.key), value, headers };
  const fault = tooLarge(message);
  return fault ? new Unfit(fault.reason) : message;
}

function patchedValue(
  value: Buffer | null,
  patch: Readonly<Record<string, unknown>>,
  schemas: SchemaLookup = NO_SCHEMAS,
): string | Unfit {
  const read = value && (schemaIdOf(value) === undefined ? jsonOf(value) : avroOf(value, schemas));
  return isObject(read) ? JSON.stringify(mergePatch(read, patch)) : NOT_PATCHABLE;
}

/** With the digits of its numbers as they came. */
function jsonOf(value: Buffer): unknown {
  const parsed = isUtf8(value) ? parseJson(value.toString('utf8')) : undefined;
  return parsed instanceof RowFaults ? undefined : parsed?.value;
}

function avroOf(value: Buffer, schemas: SchemaLookup): unknown {
  const decoded = decodeValue(value, schemas);
  return decoded.kind === 'value' ? decoded.value : undefined;
}

const UNTIMED = new Unfit(
  `the record has no write time, and a new one could win over newer updates; produce it again with a header ${HEADER.writeTime} ` +
    '(microseconds since 1970), then discard the letter',
);

const NOT_PATCHABLE = new Unfit(
  'the value is neither a JSON object nor Avro of a known schema, so the patch cannot be applied',
);

function headersOf({ headers, writeTimeMicros }: StoredDeadLetter, attempt: number): Record<string, string | Buffer> {
  const sent = new Map<string, string | Buffer>([...headers].map(([name, value]) => [name, bytesOf(value)!]));
  if (writeTimeMicros !== undefined && !sent.has(HEADER.writeTime)) sent.set(HEADER.writeTime, String(writeTimeMicros));
  sent.set(HEADER.attempt, String(attempt));
  return Object.fromEntries(sent);
}

const bytesOf = (bytes: Uint8Array | null): Buffer | null =>
  bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
