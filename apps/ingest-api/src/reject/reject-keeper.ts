import { classify, type RejectRepository, type RejectSource, type StoredReject } from '@orderstream/cassandra';
import type { RowFault } from '@orderstream/contracts';
import type { Log } from '@orderstream/observability';
import { retryUntil } from '@orderstream/resilience';
import type { Reject } from '../accept/row-batch.js';
import type { ActiveJob } from '../track/active-job.js';
import { storedReject } from './stored-reject.js';

/** Beyond these the rejects of a job are counted only. */
export const MAX_KEPT = 100_000;
export const MAX_KEPT_BYTES = 256 * 1024 * 1024;

/** Rejects in memory before the upload waits for Cassandra. */
const PENDING_REJECTS = 2_000;
const PENDING_BYTES = 2 * 1024 * 1024;
const BACKOFF = { initialMs: 250, maxMs: 5_000 } as const;

export interface Kept {
  readonly count: number;
  readonly bytes: number;
}

/** Rejects of a job that were kept before it was interrupted. */
export interface KeptBefore extends Kept {
  /** every reject of rows up to this one is among them */
  readonly through: number;
  /** rows beyond the cap, or that were not kept for another reason, are among what was read */
  readonly warnings: readonly string[];
}

/** No further reject is kept beside these. */
export const isFull = ({ count, bytes }: Kept): boolean => count >= MAX_KEPT || bytes >= MAX_KEPT_BYTES;

/**
 * Writes down what an upload rejects, while it goes on. `room()` is the back-pressure. While Cassandra is away it tries
 * again for as long as it takes, and the upload waits once its bound is full.
 */
export class RejectKeeper {
  private pending: StoredReject[] = [];
  private pendingBytes = 0;
  private kept: Kept = { count: 0, bytes: 0 };
  private writing: Promise<void> = Promise.resolve();
  /** also before it begins, so that nothing is written then */
  private isWriting = true;
  private begun = false;
  private hasGivenUp = false;
  private addedThrough = -1;
  private writtenThrough = -1;

  constructor(
    private readonly rejects: RejectRepository,
    private readonly job: ActiveJob,
    private readonly source: RejectSource,
    private readonly log: Log,
  ) {}

  /** To be called once, before the first `add`. Until then nothing is written. */
  begin(before: KeptBefore = NOTHING): void {
    const { count, bytes, through, warnings } = before;
    this.begun = true;
    this.kept = { count, bytes };
    this.addedThrough = through;
    this.writtenThrough = through;
    for (const warning of warnings) this.job.warnings.add(warning);
    this.writing = this.tried(() => this.rejects.putSource(this.job.id, this.source)).then(() => this.drain());
  }

  add(rejects: readonly Reject[]): void {
    for (const { row, faults, raw } of rejects) this.keep(row, faults, raw);
    if (!this.isWriting && this.pending.length > 0) this.writing = this.drain();
  }

  get hasBegun(): boolean {
    return this.begun;
  }

  /** Every reject of rows up to this one was added. */
  passed(row: number): void {
    this.addedThrough = Math.max(this.addedThrough, row);
    if (!this.isWriting) this.noteWritten(this.addedThrough);
  }

  /** Every reject of rows up to this one is written down, or counted beyond the cap; -1 before the first. */
  get keptThrough(): number {
    return this.writtenThrough;
  }

  private noteWritten(row: number): void {
    if (!this.hasGivenUp) this.writtenThrough = Math.max(this.writtenThrough, row);
  }

  private keep(row: number, faults: readonly RowFault[], raw: Buffer | string): void {
    if (isFull(this.kept)) {
      this.job.warnings.add(CAPPED);
      return;
    }
    const reject = storedReject(row, faults, raw);
    this.kept = { count: this.kept.count + 1, bytes: this.kept.bytes + reject.raw.byteLength };
    this.pending.push(reject);
    this.pendingBytes += reject.raw.byteLength;
  }

  /** Resolves when there is room for more. */
  async room(): Promise<void> {
    if (this.pending.length > PENDING_REJECTS || this.pendingBytes > PENDING_BYTES) await this.writing;
  }

  /** Resolves when everything is written down. */
  async end(): Promise<void> {
    await this.writing;
  }

  private async drain(): Promise<void> {
    this.isWriting = true;
    while (this.pending.length > 0) {
      const taken = this.pending;
      const through = this.addedThrough;
      this.pending = [];
      this.pendingBytes = 0;
      const base = BigInt(this.job.writeTimeBase);
      await this.tried(() => this.rejects.put(this.job.id, taken, (row) => base + BigInt(row)));
      this.noteWritten(through);
    }
    this.isWriting = false;
    this.noteWritten(this.addedThrough);
  }

  /** What Cassandra would never take is given up: the upload must not hang for it. */
  private tried(write: () => Promise<void>): Promise<void> {
    return retryUntil(write, {
      ...BACKOFF,
      shouldRetry: (error) => classify(error).class !== 'permanent',
      onRetry: (error, attempt) => {
        if (attempt === 1)
          this.log.warn({ job: this.job.id, reason: (error as Error).message }, 'rejects are written down later');
      },
    }).catch((error: unknown) => {
      this.log.error({ job: this.job.id, error }, 'rejects could not be written down');
      this.hasGivenUp = true;
      this.job.warnings.add(NOT_KEPT);
    });
  }
}

const NOTHING: KeptBefore = { count: 0, bytes: 0, through: -1, warnings: [] };

export const NOT_KEPT = 'some rejected rows could not be kept; to repair them, send the whole file again';
export const CAPPED =
  `only the first ${MAX_KEPT} rejected rows, or ${MAX_KEPT_BYTES / 1024 / 1024} MiB of them, are kept; the rest are ` +
  'counted, so that this job cannot be repaired: send the whole file again';
