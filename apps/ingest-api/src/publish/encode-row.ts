import { HEADER, type RowFault } from '@orderstream/contracts';
import { outMessageBytes, type OutMessage } from '@orderstream/kafka';
import type { Row } from '@orderstream/streams';
import type { RowEncoder } from './value-encoding.js';

/** Largest record with key and headers. Kafka's default `message.max.bytes` is 1,048,588 for the batch around it. */
export const MAX_RECORD_BYTES = 1_000_000;

export interface RowOrigin {
  readonly jobId: string;
  readonly row: number;
  readonly writeTimeMicros: number;
  /** from 2 on for a row that was repaired; absent means 1 */
  readonly attempt?: number | undefined;
}

/** A checked row → the Kafka message of its stream, or why there is none. */
export function encodeRow(encoder: RowEncoder, row: Row, origin: RowOrigin): OutMessage | RowFault {
  const encoded = encoder.encode(row);
  if ('code' in encoded) return encoded;
  const headers: Record<string, string> = {
    [HEADER.contentType]: encoded.contentType,
    [HEADER.job]: origin.jobId,
    [HEADER.row]: String(origin.row),
    [HEADER.writeTime]: String(origin.writeTimeMicros),
  };
  if (origin.attempt !== undefined) headers[HEADER.attempt] = String(origin.attempt);
  return fitting({ key: encoder.stream.keyOf(row), value: encoded.value, headers: withBlank(row, headers) });
}

/** A record that belongs to no job. */
export function encodeSingle(encoder: RowEncoder, row: Row, writeTimeMicros: number): OutMessage | RowFault {
  const encoded = encoder.encode(row);
  if ('code' in encoded) return encoded;
  const headers = { [HEADER.contentType]: encoded.contentType, [HEADER.writeTime]: String(writeTimeMicros) };
  return fitting({ key: encoder.stream.keyOf(row), value: encoded.value, headers: withBlank(row, headers) });
}

const fitting = (message: OutMessage): OutMessage | RowFault => tooLarge(message) ?? message;

/** Only uploads with `?blank=clear` have rows with null; without the header the sink would take it for unset. */
function withBlank(row: Row, headers: Record<string, string>): Record<string, string> {
  if (row.includes(null)) headers[HEADER.blank] = 'clear';
  return headers;
}

/** The fault of a message that Kafka would refuse for its size. */
export function tooLarge(message: OutMessage): RowFault | undefined {
  const size = outMessageBytes(message);
  if (size <= MAX_RECORD_BYTES) return undefined;
  return { code: 'value_too_large', reason: `the record has ${size} bytes, ${MAX_RECORD_BYTES} are the most` };
}
