import type { FaultStage } from '@orderstream/contracts';
import type { ResultRow } from '../session/cassandra-session.js';
import { bigintIn, bytesIn, mapIn, numberIn, textIn, timeIn } from '../values/result-values.js';
import type {
  DeadLetterState,
  LetterPosition,
  NewDeadLetter,
  StoredDeadLetter,
  StoredDeadLetterSummary,
} from './dead-letter.js';

/** Params of `insert`. Never null but unset: a letter that is written again must not leave tombstones. */
export const letterParams = (letter: NewDeadLetter): unknown[] => [
  letter.id,
  letter.topic,
  letter.partition,
  BigInt(letter.offset),
  letter.stream,
  letter.stage,
  letter.code,
  letter.column,
  letter.reason,
  letter.fingerprint,
  letter.recordTimeMs === undefined ? undefined : new Date(letter.recordTimeMs),
  letter.writeTimeMicros,
  letter.jobId,
  letter.jobRow,
  letter.attempt,
  bytes(letter.key),
  bytes(letter.value),
  Object.fromEntries([...letter.headers].map(([name, value]) => [name, bytes(value)])),
  letterTime(letter),
];

/**
 * Write time of a letter, µs: of its record, never of the sink's clock, so that a replay writes the very same cells.
 * A letter is put again only as it was, so records of one millisecond need no order.
 */
const letterTime = ({ recordTimeMs }: NewDeadLetter): bigint => BigInt(recordTimeMs ?? 0) * 1_000n + 1n;

/** The driver takes Buffer only. */
const bytes = (value: Uint8Array | null): Buffer | undefined =>
  value === null ? undefined : Buffer.from(value.buffer, value.byteOffset, value.byteLength);

const stateIn = (row: ResultRow): DeadLetterState => (textIn(row, 'state') ?? 'open') as DeadLetterState;

export const positionIn = (row: ResultRow): LetterPosition => ({
  id: String(row['id']),
  topic: textIn(row, 'topic') ?? '',
  partition: numberIn(row, 'partition') ?? 0,
  offset: textIn(row, 'kafka_offset') ?? '0',
  jobRow: numberIn(row, 'job_row'),
  code: textIn(row, 'code') ?? '',
  attempt: numberIn(row, 'attempt') ?? 1,
  state: stateIn(row),
});

export const summaryIn = (row: ResultRow): StoredDeadLetterSummary => ({
  ...positionIn(row),
  stream: textIn(row, 'stream') ?? '',
  stage: (textIn(row, 'stage') ?? 'decode') as FaultStage,
  column: textIn(row, 'column_name'),
  reason: textIn(row, 'reason') ?? '',
  fingerprint: textIn(row, 'fingerprint') ?? '',
  recordTimeMs: timeIn(row, 'record_time'),
  writeTimeMicros: bigintIn(row, 'write_time'),
  jobId: textIn(row, 'job_id'),
  firstSeenMs: timeIn(row, 'first_seen') ?? timeIn(row, 'record_time') ?? 0,
  discardReason: textIn(row, 'discard_reason'),
});

export const letterIn = (row: ResultRow): StoredDeadLetter => ({
  ...summaryIn(row),
  key: bytesIn(row, 'key') ?? null,
  value: bytesIn(row, 'value') ?? null,
  headers: mapIn<Uint8Array>(row, 'headers'),
});
