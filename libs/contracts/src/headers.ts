/** Kafka header names. Values are UTF-8 text; an absent header is simply not there. */
export const HEADER = {
  contentType: 'content-type',
  /** uuid of the job the record belongs to */
  job: 'os-job',
  /** physical line in a file, index in JSON or in a run */
  row: 'os-row',
  /** CQL write time of the record, µs since the epoch */
  writeTime: 'os-write-time',
  /** `clear`: null in the value clears its column; otherwise null leaves it alone */
  blank: 'os-blank',
  attempt: 'os-attempt',
  /** on a record that an operator had published again over a row written by hand: id of the reconciliation */
  overrules: 'os-overrules',
  traceparent: 'traceparent',
  errorCode: 'os-error-code',
  errorStage: 'os-error-stage',
  errorMessage: 'os-error-message',
  originTopic: 'os-origin-topic',
  originPartition: 'os-origin-partition',
  originOffset: 'os-origin-offset',
  /** on letters whose value was cut: how many bytes it had */
  valueBytes: 'os-value-bytes',
} as const;

export const CONTENT_TYPE_JSON = 'application/json';
/** Avro in the Confluent wire format: a zero byte, the id of the schema in four bytes, the value. */
export const CONTENT_TYPE_AVRO = 'application/vnd.confluent.avro';

/** The topic that carries the dead letters of `topic`. */
export const deadLetterTopic = (topic: string): string => `${topic}.dead-letters`;

/** Identity of a dead letter: a replay of the same record writes the same letter again. */
export const deadLetterId = (topic: string, partition: number, offset: string): string =>
  `${topic}-${partition}-${offset}`;
