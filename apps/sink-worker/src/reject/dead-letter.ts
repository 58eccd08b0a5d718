import {
  deadLetterId,
  deadLetterTopic,
  HEADER,
  headerText,
  headerValue,
  type FaultStage,
  type RowFault,
} from '@orderstream/contracts';
import { fingerprintOf, type NewDeadLetter } from '@orderstream/cassandra';
import type { KafkaRecord, OutMessage } from '@orderstream/kafka';
import type { Origin } from '@orderstream/streams';

/**
 * Longest value that a letter keeps. Cassandra takes a write of 16 MiB at most; Kafka's default for a record is 1 MiB,
 * but a producer that compresses can send much more. The whole record stays where it is, at its own offset.
 */
const MAX_VALUE_BYTES = 7 * 1024 * 1024;

/** Twice this and our headers pass any topic whose limit is Kafka's default. */
const SHORT_BYTES = 400_000;

/** A record that can never be stored, with its reason. */
export interface Refusal {
  readonly stream: string;
  readonly topic: string;
  readonly partition: number;
  readonly record: KafkaRecord;
  readonly stage: FaultStage;
  readonly fault: RowFault;
  /** as far as it could be read */
  readonly origin: Partial<Origin>;
}

/** The letter's row in Cassandra. All but `firstSeenMs` comes from the record, so a replay writes the same row again. */
export function letterRow(refusal: Refusal, nowMs: number): NewDeadLetter {
  const { topic, partition, record, fault, origin, stage, stream } = refusal;
  const recordTimeMs = Number(record.timestamp);
  // What it was sent with: at the time of a field it would look older than it is, and be parked for that.
  const writeTimeMicros = origin.sentMicros ?? origin.writeTimeMicros;
  return {
    id: deadLetterId(topic, partition, record.offset),
    topic,
    partition,
    offset: record.offset,
    stream,
    stage,
    code: fault.code,
    column: fault.column,
    reason: fault.reason,
    fingerprint: fingerprintOf({ stream, stage, code: fault.code, column: fault.column }),
    key: record.key,
    value: cut(record.value, MAX_VALUE_BYTES),
    headers: new Map(Object.entries({ ...headerBytes(record), ...valueBytes(record, MAX_VALUE_BYTES) })),
    recordTimeMs: recordTimeMs > 0 ? recordTimeMs : undefined,
    writeTimeMicros: writeTimeMicros === undefined ? undefined : BigInt(writeTimeMicros),
    jobId: origin.jobId,
    jobRow: origin.jobRow,
    attempt: attemptOf(record),
    firstSeenMs: nowMs,
  };
}

/** The letter on `<topic>.dead-letters`: original bytes and headers, and why. */
export function letterMessage(refusal: Refusal): { topic: string; message: OutMessage } {
  const { topic, record } = refusal;
  const headers = { ...headerBytes(record), ...valueBytes(record, MAX_VALUE_BYTES), ...whyHeaders(refusal) };
  return {
    topic: deadLetterTopic(topic),
    message: { key: record.key, value: cut(record.value, MAX_VALUE_BYTES), headers },
  };
}

/**
 * The same for a topic that takes no more than Kafka's default: key and value are cut, and of the headers only ours are
 * kept. The row of the letter has them whole.
 */
export function shortLetterMessage(refusal: Refusal): { topic: string; message: OutMessage } {
  const { topic, record } = refusal;
  const ours = Object.entries(headerBytes(record)).filter(
    ([name, value]) => name.startsWith('os-') && value.length < 1000,
  );
  const headers = { ...Object.fromEntries(ours), ...valueBytes(record, SHORT_BYTES), ...whyHeaders(refusal) };
  const message = { key: cut(record.key, SHORT_BYTES), value: cut(record.value, SHORT_BYTES), headers };
  return { topic: deadLetterTopic(topic), message };
}

const whyHeaders = ({ topic, partition, record, stage, fault }: Refusal): Record<string, string> => ({
  [HEADER.errorCode]: fault.code,
  [HEADER.errorStage]: stage,
  [HEADER.errorMessage]: fault.reason.slice(0, 1000),
  [HEADER.originTopic]: topic,
  [HEADER.originPartition]: String(partition),
  [HEADER.originOffset]: record.offset,
});

const cut = (value: Buffer | null, maxBytes: number): Buffer | null =>
  value !== null && value.length > maxBytes ? value.subarray(0, maxBytes) : value;

const valueBytes = ({ value }: KafkaRecord, maxBytes: number): Record<string, Buffer> =>
  value !== null && value.length > maxBytes ? { [HEADER.valueBytes]: Buffer.from(String(value.length)) } : {};

function headerBytes(record: KafkaRecord): Record<string, Buffer> {
  const out: Record<string, Buffer> = {};
  for (const [name, value] of Object.entries(record.headers ?? {})) {
    const last = headerValue(value);
    if (last !== undefined && last !== null) out[name] = typeof last === 'string' ? Buffer.from(last) : last;
  }
  return out;
}

function attemptOf(record: KafkaRecord): number {
  const attempt = Number(headerText(record, HEADER.attempt) ?? '1');
  return Number.isInteger(attempt) && attempt > 0 ? attempt : 1;
}
