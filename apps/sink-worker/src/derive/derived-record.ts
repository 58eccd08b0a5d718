import { CONTENT_TYPE_JSON, HEADER } from '@orderstream/contracts';
import type { KafkaRecord, OutMessage } from '@orderstream/kafka';
import type { CompiledStream, Write } from '@orderstream/streams';

/** What is to be published of a batch once it is stored, by the index of the record. */
export type DerivedByIndex = Map<number, OutMessage>;

/**
 * The record as its row stands in the table: flat, with its derived fields. Key and write time are those of the record,
 * so that whoever reads duplicates or out of order knows the newest; it belongs to no job, or that would count it twice.
 */
export function derivedRecord(stream: CompiledStream, { key }: KafkaRecord, write: Write): OutMessage {
  const headers: Record<string, string> = { [HEADER.writeTime]: String(write.origin.writeTimeMicros) };
  if (write.kind === 'delete') return { key, value: null, headers };
  headers[HEADER.contentType] = CONTENT_TYPE_JSON;
  if (write.row.includes(null)) headers[HEADER.blank] = 'clear';
  return { key: key ?? stream.keyOf(write.row), value: stream.toJson(write.row), headers };
}
