export { avroEncoder, WIRE_HEADER_BYTES, type AvroEncoder } from './avro/avro-encoder.js';
export { avroSchemaOf, type AvroRecord } from './avro/avro-schema.js';
export * from './built-in-streams.js';
export * from './compile-stream.js';
export { cqlTypeText, parseCqlType, userTypesIn, type CqlField, type CqlType, type UserTypes } from './cql/cql-type.js';
export * from './define/define-stream.js';
export { indexNameOf } from './define/key-faults.js';
export { sureFieldOf } from './define/managed-faults.js';
export { LINEAGE_COLUMNS, OWN_TABLES } from './define/name-faults.js';
export * from './definition.js';
export { definitionSchema } from './file/definition-schema.js';
export { definitionText } from './file/definition-text.js';
export type { DefinitionFile } from './file/read-definition-file.js';
export * from './generate/create-generator.js';
export * from './infer/definition-of-table.js';
export { inferDefinition, InferenceError, type Inferred, type InferOptions } from './infer/infer-definition.js';
export * from './generate/rate-curve.js';
export * from './generate/sample-csv.js';
export { OLIST_ORDERS } from './olist-orders.stream.js';
export { ORDERS } from './orders.stream.js';
export * from './load-streams.js';
export { READINGS } from './readings.stream.js';
export { formatGuesses, type FormatGuess } from './read/format-guesses.js';
export { optionFaults, type OptionFault, type ReadingOptions } from './read/reading-options.js';
export * from './stream-registry.js';
export * from './stream.js';
export * from './topics.js';
export { TRANSACTIONS } from './transactions.stream.js';
export { USERS } from './users.stream.js';
export {
  compareDecimals,
  decimalOfBytes,
  decimalOfNumber,
  decimalOfUnscaled,
  MAX_DECIMAL_DIGITS,
  multiplyDecimals,
  unscaledOfBytes,
  withoutZeros,
  withoutExponent,
} from './values/decimal.js';
export { withExactNumbers } from './values/exact-numbers.js';
export { parseExactly, parseJsonText } from './values/json-text.js';
export * from './values/present-value.js';
export { VALUE_READERS, type ValueReader } from './values/value-reader.js';
export { dateOfDays, formatTimestamp, MAX_TIMESTAMP_MS, MIN_TIMESTAMP_MS, parseTimestamp } from './values/timestamp.js';
export { decodeValue, schemaIdOf, type Decoded } from './record/decode-value.js';
export * from './record/known-schema.js';
export { LastJob, rowTimeFault, type Origin } from './record/origin.js';
export * from './record/transform-record.js';
export { STATS_GROUPS } from './define/stats-faults.js';
export { boundsInWords } from './read/column-readers.js';
export * from './stats/index.js';
