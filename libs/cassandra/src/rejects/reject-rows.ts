import type { FaultStage } from '@orderstream/contracts';
import type { ResultRow } from '../session/cassandra-session.js';
import { bytesIn, listIn, numberIn, textIn } from '../values/result-values.js';
import { bucketOf, MAX_RAW_BYTES, type RejectEntry, type RejectSource, type StoredReject } from './reject.js';

const NOTHING = new Uint8Array(0);

/** Params of `insert` without its write time. `blank`: what stands for a fault without column or value. */
export const rejectParams = (jobId: string, reject: StoredReject, blank: null | undefined): unknown[] => [
  jobId,
  bucketOf(reject.row),
  reject.row,
  reject.stage,
  reject.code,
  reject.column ?? blank,
  reject.reason,
  reject.value ?? blank,
  rawOf(reject),
];

/** The driver takes Buffer only. */
function rawOf({ raw }: StoredReject): Buffer {
  return Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, MAX_RAW_BYTES));
}

export function entryIn(row: ResultRow): RejectEntry {
  const stage = textIn(row, 'stage');
  const number = numberIn(row, 'row_number') ?? 0;
  return {
    row: number,
    raw: bytesIn(row, 'raw') ?? NOTHING,
    repairedAttempt: numberIn(row, 'repaired_attempt'),
    reject:
      stage === undefined
        ? undefined
        : {
            row: number,
            stage: stage as FaultStage,
            code: textIn(row, 'code') ?? '',
            column: textIn(row, 'column_name'),
            reason: textIn(row, 'reason') ?? '',
            value: textIn(row, 'value'),
          },
  };
}

/** Params of `insertSource`. */
export function sourceParams(jobId: string, source: RejectSource): unknown[] {
  const { format, delimiter, header, reading, unescape } = source;
  const stored: StoredReading = { ...reading, ...(unescape && { unescape }) };
  return [jobId, format, delimiter, header && [...header], JSON.stringify(stored)];
}

/** As the column `reading` has it. */
interface StoredReading extends NonNullable<RejectSource['reading']> {
  readonly unescape?: boolean;
}

/** Undefined for a job whose file nobody noted. */
export function sourceIn(row: ResultRow): RejectSource | undefined {
  const format = textIn(row, 'format');
  if (format === undefined) return undefined;
  const header = listIn(row, 'header');
  const { unescape, ...reading } = JSON.parse(textIn(row, 'reading') ?? '{}') as StoredReading;
  return {
    format: format as RejectSource['format'],
    delimiter: textIn(row, 'delimiter'),
    header: header.length === 0 ? undefined : header,
    reading: Object.keys(reading).length === 0 ? undefined : reading,
    unescape,
  };
}
