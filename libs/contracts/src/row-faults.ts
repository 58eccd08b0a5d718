/**
 * Stable codes of what can be wrong with one row. A code is never reused for another meaning.
 * The sentence says what to do about it.
 */
export const ROW_FAULTS = {
  missing_value: 'A required field is empty. Fill it in and send the row again.',
  unknown_field: 'The record has a field the stream does not know, and ?extra=reject was given.',
  bad_text: 'Not a text. Send a JSON string.',
  bad_int: 'Not a whole number in the range of the field.',
  bad_decimal: 'Not a decimal number with a point and at most 38 digits.',
  bad_timestamp: 'Not ISO 8601, YYYY-MM-DD HH:MM:SS or epoch milliseconds between the years 1 and 9999.',
  bad_date: 'Not a date of the form YYYY-MM-DD.',
  bad_boolean: 'Not one of true, false, 1, 0, yes, no.',
  bad_uuid: 'Not a UUID.',
  bad_list: 'Not a JSON list of objects.',
  bad_json_value: 'Not JSON of the collection or user-defined type of its column.',
  out_of_range: 'The value is outside the range of its field.',
  value_too_large: 'The value is longer than its field or the record allows.',
  derived_mismatch: 'A derived field was given and differs from its computed value. Leave it out or correct it.',
  bad_row_length: 'The row has another number of cells than the header.',
  broken_quote: 'A quote is opened or closed in the wrong place; the row cannot be told from its neighbours.',
  record_too_long: 'The record is longer than 64 KiB.',
  invalid_utf8: 'The record has bytes that are not UTF-8. Save the file as UTF-8.',
  nul_byte: 'The record has a NUL byte.',
  bad_json: 'The line is not JSON.',
  undecodable: 'The value is neither JSON nor Avro in the Confluent wire format.',
  not_an_object: 'The JSON value is not an object.',
  unknown_schema: 'The Avro schema id is not known: no registry is configured, or the registry does not have it.',
  unsupported_schema_type:
    'The schema of the value is of a type that is not read here, as Protobuf. Send Avro or JSON.',
  decimal_too_long:
    'The decimal has more digits than the Avro type of its field holds. Nothing is rounded; send a shorter one.',
  tombstone_not_supported: 'A null value deletes a row only on streams whose message key is the primary key.',
  bad_record_time: 'The record has no write time header and its Kafka timestamp is not positive.',
  write_time_in_future:
    'The write time header is more than a day ahead of the record; its row could never be corrected.',
  bad_header: 'An os- header has a value that cannot be read.',
  refused_by_store: 'Cassandra calls the row invalid.',
  skipped: 'An operator skipped the record at which its partition had stopped.',
} as const;

export type RowFaultCode = keyof typeof ROW_FAULTS;

/** Where on its way a record was refused. `door` is the API, the rest are stages of the sink. */
export type FaultStage = 'door' | 'decode' | 'transform' | 'write';

/** Why one row was refused. `value` is the offending text as it came, uncut. */
export interface RowFault {
  readonly code: RowFaultCode;
  readonly reason: string;
  readonly column?: string;
  readonly value?: string;
}

/** The column of a fault for counting: `items[2].price` and `items[7].price` are one. */
export const columnOfCause = (column: string): string => column.replace(/\[(?:\d+|"(?:[^"\\]|\\.)*")\]/g, '[]');
