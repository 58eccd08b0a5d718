import { primaryKeyOf } from '@orderstream/cassandra';
import { ProblemError } from '@orderstream/contracts';
import { VALUE_READERS, type CompiledStream, type Value } from '@orderstream/streams';

/**
 * The primary key in the last segment of a path as it was sent, not decoded yet. Of several columns the values stand in
 * the order of the key with commas between them; a comma of a value is written `%2C`. One column takes the whole segment.
 * Throws `bad_parameter` for another number of values, and `record_not_found` for a value that its column cannot have.
 */
export function readRecordKey(stream: CompiledStream, segment: string): Value[] {
  const names = primaryKeyOf(stream.definition);
  const parts = names.length === 1 ? [segment] : segment.split(',');
  if (parts.length !== names.length) {
    const detail =
      `the key of ${stream.name} has ${names.length} values, ${names.join(',')}, and ${parts.length} came; ` +
      'separate them by commas, and write a comma inside of one as %2C';
    throw new ProblemError('bad_parameter', detail, { errors: [{ parameter: 'key', detail }] });
  }
  return names.map((name, i) => {
    const { type } = stream.columns.find((column) => column.name === name)!;
    const text = decodeURIComponent(parts[i]!);
    const value = text === '' ? undefined : VALUE_READERS[type].fromText(text);
    if (value !== undefined && value !== null) return value;
    const detail = `no record of ${stream.name} has ${name} ${JSON.stringify(text.slice(0, 80))}: that is not ${VALUE_READERS[type].expected}`;
    throw new ProblemError('record_not_found', detail);
  });
}
