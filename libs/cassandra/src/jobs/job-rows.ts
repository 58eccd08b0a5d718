import type { JobKind, JobState } from '@orderstream/contracts';
import type { ResultRow } from '../session/cassandra-session.js';
import { bigintIn, listIn, mapIn, numberIn, textIn, timeIn } from '../values/result-values.js';
import type { JobChange, JobSegment, NewJob, StoredJob } from './job.js';

const long = (value: number | null | undefined): bigint | null | undefined =>
  value === null || value === undefined ? value : BigInt(value);

const time = (ms: number | null | undefined): Date | null | undefined =>
  ms === null || ms === undefined ? ms : new Date(ms);

/** Params of FIXED_COLUMNS. */
export const newJobParams = (job: NewJob): unknown[] => [
  job.kind,
  job.stream,
  job.sourceName,
  job.writeTimeBase,
  new Date(job.createdAtMs),
  long(job.expected),
  job.options,
  job.idempotencyKey,
];

/** Params of PROGRESS_COLUMNS; undefined leaves a column alone. */
export const changeParams = (change: JobChange): unknown[] => [
  change.state,
  long(change.sourceBytes),
  change.sourceSha256,
  long(change.received),
  long(change.accepted),
  long(change.published),
  long(change.rejectedAtDoor),
  long(change.stored),
  long(change.rejectedInSink),
  change.rejectedByCode &&
    Object.fromEntries(Object.entries(change.rejectedByCode).map(([code, n]) => [code, BigInt(n)])),
  change.warnings && [...change.warnings],
  change.checkpoint,
  change.failure,
  time(change.publishedAtMs),
  time(change.settledAtMs),
];

export const segmentParams = (jobId: string, segment: JobSegment): unknown[] => [
  jobId,
  segment.seq,
  segment.topic,
  segment.partition,
  BigInt(segment.base),
  segment.count,
  segment.firstRow,
  segment.lastRow,
  segment.attempt,
];

/** Undefined for a partition that has segments or remains of a job, but was never created. */
export function jobIn(row: ResultRow): StoredJob | undefined {
  const kind = textIn(row, 'kind');
  const revision = bigintIn(row, 'revision');
  if (kind === undefined || revision === undefined) return undefined;
  return {
    id: String(row['id']),
    kind: kind as JobKind,
    stream: textIn(row, 'stream') ?? '',
    sourceName: textIn(row, 'source_name') ?? '',
    writeTimeBase: bigintIn(row, 'write_time_base') ?? 0n,
    createdAtMs: timeIn(row, 'created_at') ?? 0,
    expected: numberIn(row, 'expected'),
    options: textIn(row, 'options'),
    idempotencyKey: textIn(row, 'idempotency_key'),
    state: textIn(row, 'state') as JobState,
    ...countsIn(row),
    sourceBytes: numberIn(row, 'source_bytes') ?? 0,
    sourceSha256: textIn(row, 'source_sha256') ?? null,
    warnings: listIn(row, 'warnings'),
    checkpoint: textIn(row, 'checkpoint') ?? null,
    failure: textIn(row, 'failure') ?? null,
    publishedAtMs: timeIn(row, 'published_at') ?? null,
    settledAtMs: timeIn(row, 'settled_at') ?? null,
    revision,
  };
}

function countsIn(row: ResultRow) {
  const byCode = [...mapIn<bigint>(row, 'rejected_by_code')].map(([code, n]) => [code, Number(n)] as const);
  return {
    received: numberIn(row, 'received') ?? 0,
    accepted: numberIn(row, 'accepted') ?? 0,
    published: numberIn(row, 'published') ?? 0,
    rejectedAtDoor: numberIn(row, 'rejected_at_door') ?? 0,
    stored: numberIn(row, 'stored') ?? null,
    rejectedInSink: numberIn(row, 'rejected_in_sink') ?? null,
    rejectedByCode: Object.fromEntries(byCode),
  };
}

/** Undefined for the row of a job without segments: its static columns come with a null place. */
export function segmentIn(row: ResultRow): JobSegment | undefined {
  const seq = numberIn(row, 'seq');
  if (seq === undefined) return undefined;
  return {
    seq,
    topic: textIn(row, 'topic') ?? '',
    partition: numberIn(row, 'partition') ?? 0,
    base: textIn(row, 'base') ?? '0',
    count: numberIn(row, 'count') ?? 0,
    firstRow: numberIn(row, 'first_row') ?? 0,
    lastRow: numberIn(row, 'last_row') ?? 0,
    attempt: numberIn(row, 'attempt') ?? 1,
  };
}
