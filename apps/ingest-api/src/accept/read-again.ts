import { MAX_RAW_BYTES } from '@orderstream/cassandra';
import type { RowFaultCode } from '@orderstream/contracts';
import type { Row } from '@orderstream/streams';
import type { JobPublisher } from '../publish/job-publisher.js';
import { CAPPED, isFull, NOT_KEPT, type Kept, type KeptBefore } from '../reject/reject-keeper.js';
import type { RejectLimit } from '../reject/reject-limit.js';
import type { OpenedBody } from './open-body.js';
import type { Reject, RowBatch } from './row-batch.js';
import { otherBody } from './upload-end.js';

/** More than an upload has in memory before it waits for Cassandra. */
const MAX_HELD_REJECTS = 10_000;
const MAX_HELD_BYTES = 16 * 1024 * 1024;

/**
 * The part of a body that an interrupted upload had read before, until it is sure that it is the same. Nothing of it
 * reaches the job meanwhile. What is sent or kept already is counted only; what is not was under way when the upload was
 * interrupted, so that it is bounded whatever the length of the body.
 */
export class ReadAgain {
  readonly rows: Row[] = [];
  readonly rowNumbers: number[] = [];
  /** to be kept */
  readonly rejects: Reject[] = [];
  readonly rejectedByCode = new Map<RowFaultCode, number>();
  received = 0;
  rejectedAtDoor = 0;
  lastRow = 0;
  /** the row at which there were too many rejects; nothing behind it counts */
  stop: number | undefined;
  private readonly kept = { count: 0, bytes: 0 };
  private readonly held = { count: 0, bytes: 0 };
  private readonly warnings = new Set<string>();

  /** `keptThrough`: every reject of rows up to this one is written down */
  constructor(
    private readonly publisher: Pick<JobPublisher, 'unsentOf'>,
    private readonly limit: RejectLimit,
    private readonly keptThrough: number,
  ) {}

  add(whole: RowBatch): void {
    if (this.stop !== undefined) return;
    const { batch, stop } = this.limit.cut(whole, this);
    const { rows, rowNumbers, rejects } = batch;
    for (const reject of rejects) this.refuse(reject);
    const { indices, refused } = this.publisher.unsentOf(rows, rowNumbers);
    for (const { row, fault, json } of refused) this.refuse({ row, faults: [fault], raw: json });
    for (const i of indices) {
      this.rows.push(rows[i]!);
      this.rowNumbers.push(rowNumbers[i]!);
    }
    this.received += rows.length + rejects.length;
    this.lastRow = Math.max(this.lastRow, rowNumbers.at(-1) ?? 0, rejects.at(-1)?.row ?? 0);
    this.stop = stop;
  }

  /** What of the rejects is kept already, as whoever keeps them has counted it. */
  get keptBefore(): KeptBefore {
    return { ...this.kept, through: this.keptThrough, warnings: [...this.warnings] };
  }

  private refuse(reject: Reject): void {
    const { code } = reject.faults[0]!;
    this.rejectedAtDoor++;
    this.rejectedByCode.set(code, (this.rejectedByCode.get(code) ?? 0) + 1);
    const bytes = Math.min(Buffer.byteLength(reject.raw), MAX_RAW_BYTES);
    if (reject.row <= this.keptThrough) this.count(this.kept, bytes, CAPPED, isFull(this.kept));
    else {
      const isTooMuch = this.held.count >= MAX_HELD_REJECTS || this.held.bytes >= MAX_HELD_BYTES;
      if (!isTooMuch) this.rejects.push(reject);
      this.count(this.held, bytes, NOT_KEPT, isTooMuch);
    }
  }

  private count(into: { -readonly [P in keyof Kept]: Kept[P] }, bytes: number, warning: string, isOver: boolean): void {
    if (isOver) this.warnings.add(warning);
    else {
      into.count++;
      into.bytes += bytes;
    }
  }
}

/**
 * Reads batches into `part` until the digest is sure that the body begins as the one that was interrupted; the batch at
 * which it becomes sure is the last of the part. Throws `idempotency_key_reused` when it begins otherwise, and what the
 * batches throw before it is sure; what they throw then is answered.
 */
export async function readAgain(
  { digest }: Pick<OpenedBody, 'digest'>,
  batches: AsyncIterator<RowBatch, void>,
  part: ReadAgain,
): Promise<Error | undefined> {
  try {
    while (digest.prefixState !== 'same') {
      const { value: batch, done } = await batches.next();
      if (digest.prefixState === 'different' || (done && digest.prefixState === 'open')) throw otherBody();
      if (batch) part.add(batch);
    }
    return undefined;
  } catch (error) {
    if (digest.prefixState !== 'same') throw error;
    return error instanceof Error ? error : new Error(String(error));
  }
}
