import { CONTENT_TYPE_JSON, HEADER, type RowFault } from '@orderstream/contracts';
import { outMessageBytes, type OutMessage } from '@orderstream/kafka';
import type { CompiledStream, Row } from '@orderstream/streams';

/** Largest record with key and headers. Kafka's default `message.max.bytes` is 1,048,588 for the batch around it. */
export const MAX_RECORD_BYTES = 1_000_000;

export interface RowOrigin {
  readonly jobId: string;
  readonly row: number;
  readonly writeTimeMicros: number;
  /** from 2 on for a row that was repaired; absent means 1 */
  readonly attempt?: number | undefined;
}

/** A checked row → the Kafka message of its stream. */
export function encodeRow(stream: CompiledStream, row: Row, origin: RowOrigin): OutMessage {
  const headers: Record<string, string> = {
    [HEADER.contentType]: CONTENT_TYPE_JSON,
    [HEADER.job]: origin.jobId,
    [HEADER.row]: String(origin.row),
    [HEADER.writeTime]: String(origin.writeTimeMicros),
  };
  if (origin.attempt !== undefined) headers[HEADER.attempt] = String(origin.attempt);
  return { key: stream.keyOf(row), value: stream.toJson(row), headers: withBlank(row, headers) };
}

/** A record that belongs to no job. */
export function encodeSingle(stream: CompiledStream, row: Row, writeTimeMicros: number): OutMessage {
  return {
    key: stream.keyOf(row),
    value: stream.toJson(row),
    headers: withBlank(row, {
      [HEADER.contentType]: CONTENT_TYPE_JSON,
      [HEADER.writeTime]: String(writeTimeMicros),
    }),
  };
}

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
