import type { Metrics } from '@orderstream/observability';
import type { JobPublisher } from '../publish/job-publisher.js';
import type { RejectKeeper } from '../reject/reject-keeper.js';
import type { RejectLimit, Taken } from '../reject/reject-limit.js';
import type { ActiveJob } from '../track/active-job.js';
import type { ReadAgain } from './read-again.js';
import type { RowBatch } from './row-batch.js';

/** A job and what feeds it. */
export interface Fed {
  readonly job: ActiveJob;
  readonly publisher: JobPublisher;
  readonly rejects: RejectKeeper;
}

/** Takes the rows of one body into its job: rejects are counted and kept, the others published, with back-pressure. */
export class RowIntake {
  private received = 0;
  private lastRow = 0;

  constructor(
    private readonly to: Fed,
    private readonly limit: RejectLimit,
    private readonly counters: Metrics['counters'],
  ) {}

  /** Resolves when there is room for more. Throws `too_many_rejects` once the batch is taken up to the row that is one too many. */
  async take(whole: RowBatch): Promise<void> {
    const { job, rejects: keeper, publisher } = this.to;
    const { batch, stop } = this.limit.cut(whole, this.taken);
    const { rows, rowNumbers, rejects } = batch;
    for (const { faults } of rejects) {
      job.reject(faults[0]!.code);
      this.counters.rowsRejected.inc({ stream: job.stream, stage: 'door', code: faults[0]!.code });
    }
    keeper.add(rejects);
    publisher.add(rows, rowNumbers);
    await this.count(rows.length + rejects.length, Math.max(rowNumbers.at(-1) ?? 0, rejects.at(-1)?.row ?? 0), stop);
  }

  /** The same for what was read before the upload was interrupted. */
  async goOn(part: ReadAgain): Promise<void> {
    const { job, rejects: keeper, publisher } = this.to;
    for (const [code, rows] of part.rejectedByCode) {
      job.reject(code, rows);
      this.counters.rowsRejected.inc({ stream: job.stream, stage: 'door', code }, rows);
    }
    keeper.begin(part.keptBefore);
    keeper.add(part.rejects);
    publisher.add(part.rows, part.rowNumbers);
    await this.count(part.received, part.lastRow, part.stop);
  }

  /** At the end of the body. Throws `too_many_rejects`. */
  end(): void {
    this.limit.judgeEnd(this.taken, this.lastRow);
  }

  private get taken(): Taken {
    return { received: this.received, rejectedAtDoor: this.to.job.rejectedThisTime };
  }

  private async count(rows: number, lastRow: number, stop: number | undefined): Promise<void> {
    const { job, rejects, publisher } = this.to;
    this.counters.rowsReceived.inc({ stream: job.stream, source: 'upload' }, rows);
    this.lastRow = Math.max(this.lastRow, lastRow);
    rejects.passed(this.lastRow);
    await publisher.room();
    await rejects.room();
    this.received += rows;
    if (stop !== undefined) throw this.limit.passed(this.taken, stop);
  }
}
