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

/**
 * Writes down what an upload rejects, while it goes on. `room()` is the back-pressure. While Cassandra is away it tries
 * again for as long as it takes, and the upload waits once its bound is full.
 */
export class RejectKeeper {
  private pending: StoredReject[] = [];
  private pendingBytes = 0;
  /** A resumed upload reads its body from the beginning, and counts what it kept before again. */
  private count = 0;
  private bytes = 0;
  private writing: Promise<void>;
  private isWriting = true;

  constructor(
    private readonly rejects: RejectRepository,
    private readonly job: ActiveJob,
    source: RejectSource,
    private readonly log: Log,
  ) {
    this.writing = this.tried(() => rejects.putSource(job.id, source)).then(() => this.drain());
  }

  add(rejects: readonly Reject[]): void {
    for (const { row, faults, raw } of rejects) this.keep(row, faults, raw);
    if (!this.isWriting && this.pending.length > 0) this.writing = this.drain();
  }

  private keep(row: number, faults: readonly RowFault[], raw: Buffer | string): void {
    if (this.count >= MAX_KEPT || this.bytes >= MAX_KEPT_BYTES) {
      this.job.warnings.add(CAPPED);
      return;
    }
    const reject = storedReject(row, faults, raw);
    this.count++;
    this.bytes += reject.raw.byteLength;
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
      this.pending = [];
      this.pendingBytes = 0;
      const base = BigInt(this.job.writeTimeBase);
      await this.tried(() => this.rejects.put(this.job.id, taken, (row) => base + BigInt(row)));
    }
    this.isWriting = false;
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
      this.job.warnings.add('some rejected rows could not be kept; to repair them, send the whole file again');
    });
  }
}

const CAPPED =
  `only the first ${MAX_KEPT} rejected rows, or ${MAX_KEPT_BYTES / 1024 / 1024} MiB of them, are kept; the rest are ` +
  'counted, so that this job cannot be repaired: send the whole file again';
