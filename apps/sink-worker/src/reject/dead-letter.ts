import { deadLetterId, deadLetterTopic, HEADER, type FaultStage, type RowFault } from '@orderstream/contracts';
import { fingerprintOf, type NewDeadLetter } from '@orderstream/cassandra';
import type { KafkaRecord, OutMessage } from '@orderstream/kafka';
import { headerValue, type Origin } from '../transform/origin.js';

/** A record that can never be stored, with its reason. */
export interface Refusal {
  readonly stream: string;
  readonly topic: string;
  readonly partition: number;
  readonly record: KafkaRecord;
  readonly stage: FaultStage;
  readonly fault: RowFault;
  readonly origin: Origin | undefined;
}

/** The letter's row in Cassandra. All but `firstSeenMs` comes from the record, so a replay writes the same row again. */
export function letterRow(refusal: Refusal, nowMs: number): NewDeadLetter {
  const { topic, partition, record, fault, origin, stage, stream } = refusal;
  const recordTimeMs = Number(record.timestamp);
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
    value: record.value,
    headers: new Map(Object.entries(headerBytes(record))),
    recordTimeMs: recordTimeMs > 0 ? recordTimeMs : undefined,
    writeTimeMicros: origin && BigInt(origin.writeTimeMicros),
    jobId: origin?.jobId,
    jobRow: origin?.jobRow,
    attempt: attemptOf(record),
    firstSeenMs: nowMs,
  };
}

/** The letter on `<topic>.dead-letters`: original bytes and headers, and why. */
export function letterMessage(refusal: Refusal): { topic: string; message: OutMessage } {
  const { topic, partition, record, stage, fault } = refusal;
  const headers = {
    ...headerBytes(record),
    [HEADER.errorCode]: fault.code,
    [HEADER.errorStage]: stage,
    [HEADER.errorMessage]: fault.reason,
    [HEADER.originTopic]: topic,
    [HEADER.originPartition]: String(partition),
    [HEADER.originOffset]: record.offset,
  };
  return { topic: deadLetterTopic(topic), message: { key: record.key, value: record.value, headers } };
}

function headerBytes(record: KafkaRecord): Record<string, Buffer> {
  const out: Record<string, Buffer> = {};
  for (const [name, value] of Object.entries(record.headers ?? {})) {
    const last = headerValue(value);
    if (last !== undefined) out[name] = typeof last === 'string' ? Buffer.from(last) : last;
  }
  return out;
}

function attemptOf(record: KafkaRecord): number {
  const attempt = Number(headerBytes(record)[HEADER.attempt]?.toString() ?? '1');
  return Number.isInteger(attempt) && attempt > 0 ? attempt : 1;
}
