import { createHash } from 'node:crypto';
import { columnOfCause, type FaultStage } from '@orderstream/contracts';

/** States an operator or a redrive gives a letter; every letter begins `open`. */
export type DeadLetterState = 'open' | 'redriven' | 'closed' | 'parked' | 'discarded' | 'repaired';

/** Where a letter is from and why, without the record itself. */
export interface DeadLetterSummary {
  /** `<topic>-<partition>-<offset>` */
  readonly id: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly stream: string;
  readonly stage: FaultStage;
  readonly code: string;
  readonly column?: string | undefined;
  readonly reason: string;
  /** letters of one cause have one; see `fingerprintOf` */
  readonly fingerprint: string;
  readonly recordTimeMs?: number | undefined;
  /** µs */
  readonly writeTimeMicros?: bigint | undefined;
  readonly jobId?: string | undefined;
  readonly jobRow?: number | undefined;
  readonly attempt: number;
  /** ms; a replay does not change it */
  readonly firstSeenMs: number;
}

/** What the sink writes. `null` key or value are the record's own. */
export interface NewDeadLetter extends DeadLetterSummary {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: ReadonlyMap<string, Uint8Array>;
}

/** What became of a letter. */
export interface LetterFate {
  readonly state: DeadLetterState;
  /** the operator's, of a discarded letter */
  readonly discardReason?: string | undefined;
}

export interface StoredDeadLetterSummary extends DeadLetterSummary, LetterFate {}

export interface StoredDeadLetter extends NewDeadLetter, LetterFate {}

/** What a job needs of a letter to count it. */
export interface LetterPosition {
  readonly id: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly jobRow?: number | undefined;
  readonly code: string;
  readonly attempt: number;
  readonly state: DeadLetterState;
}

/** Equal for letters with the same code, stage, stream and column: one cause, many records. 16 hexadecimal digits. */
export function fingerprintOf(cause: Pick<DeadLetterSummary, 'code' | 'stage' | 'stream' | 'column'>): string {
  const text = [cause.code, cause.stage, cause.stream, columnOfCause(cause.column ?? '')].join('\u0000');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
