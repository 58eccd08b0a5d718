import type { FaultStage } from '@orderstream/contracts';
import type { ReadingOptions } from '@orderstream/streams';

/** Rows of a job that share a partition: those whose numbers differ in the last eight bits only. */
const BUCKET_BITS = 8;

/** The raw row is kept up to this size. */
export const MAX_RAW_BYTES = 64 * 1024;

/** What an export of the rejects, and a repair, need to know of the file they came in. */
export interface RejectSource {
  readonly format: 'csv' | 'ndjson' | 'json';
  /** of a CSV file: one character, and the cells of its header */
  readonly delimiter?: string | undefined;
  readonly header?: readonly string[] | undefined;
  /** how its cells were read where that differs from the standard forms */
  readonly reading?: Omit<ReadingOptions, 'onTimestamp'> | undefined;
  /** of a CSV file whose cells have a character in front that is no part of them: see `?unescape=true` */
  readonly unescape?: boolean | undefined;
}

/** Why one row of a job is not stored, and the row itself. */
export interface StoredReject {
  readonly row: number;
  /** `door`, or the stage of the letter in whose place this stands: its row was repaired, and wrong again */
  readonly stage: FaultStage;
  readonly code: string;
  readonly column?: string | undefined;
  readonly reason: string;
  /** the offending text, cut for display */
  readonly value?: string | undefined;
  /** as it came, without its line end; cut at `MAX_RAW_BYTES` */
  readonly raw: Uint8Array;
}

/** A reject or a repaired row as the table has it. */
export interface RejectEntry {
  readonly row: number;
  /** Undefined: never refused at the door, only its repair is noted here. */
  readonly reject?: Omit<StoredReject, 'raw'> | undefined;
  /** empty unless asked for */
  readonly raw: Uint8Array;
  /** attempt in which the row was published again; counts once the job has segments of that attempt */
  readonly repairedAttempt?: number | undefined;
}

export const bucketOf = (row: number): number => row >> BUCKET_BITS;
