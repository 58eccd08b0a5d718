import type { StoredReject } from '@orderstream/cassandra';
import { ProblemError, type RowFault, type Segment } from '@orderstream/contracts';
import { KafkaSendError, type PartitionProducer } from '@orderstream/kafka';
import { RowFaults, type CompiledStream } from '@orderstream/streams';
import { untilStopped } from '../accept/until-stopped.js';
import { isGone } from '../accept/upload-end.js';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import { JobPublisher, type PublishOptions } from '../publish/job-publisher.js';
import { ActiveJob } from '../track/active-job.js';
import { microsNow, type JobReopener, type RepairStores, type ReopenedJob } from './job-reopener.js';
import { withRepairLease, type RepairLease } from './repair-lease.js';
import { RepairOutcome } from './repair-outcome.js';
import { openRepair, rowsInOrder, type RepairFile, type RepairRow } from './repair-rows.js';

/** New reasons in memory before they are written. */
const WRONG_ROWS = 200;

interface Repairing extends ReopenedJob {
  readonly stream: CompiledStream;
}

/**
 * Rows of a job that were refused come back corrected: they are published under their job, row number and write time, with
 * the next attempt. The one write that counts them (counts and segments, in one piece) comes after Kafka has acknowledged
 * them; before it, nothing has happened but a mark that does not count yet and records that can be sent again.
 */
export class Repair {
  constructor(
    private readonly stores: RepairStores,
    private readonly reopener: JobReopener,
    private readonly producer: PartitionProducer,
    private readonly streamOf: (name: string) => CompiledStream,
    private readonly options: PublishOptions,
  ) {}

  /**
   * `text`: the decoded body. Answers how many of its rows were for no rejected row. Throws `job_not_found`,
   * `job_not_settled`, `job_running` (another repair is, or has begun since), `rejects_incomplete`, `repair_needs_line` and what reading a CSV throws.
   */
  async run(jobId: string, text: AsyncIterable<Buffer>, delimiter: string | undefined): Promise<number> {
    await this.reopener.settledView(jobId);
    return withRepairLease(this.stores.leases, jobId, async (lease) => {
      // Again under the lease: a repair may have ended in between.
      const stream = this.streamOf((await this.reopener.settledView(jobId)).stream);
      const source = await orStoreUnavailable(() => this.stores.rejects.source(jobId));
      const repairing = await orStoreUnavailable(() => this.begin(jobId, stream, lease));
      return this.repair(repairing, await openRepair(text, { stream, source }, delimiter));
    });
  }

  private async begin(jobId: string, stream: CompiledStream, lease: RepairLease): Promise<Repairing> {
    const reopened = await this.reopener.begin(jobId, lease);
    const atDoor = [...reopened.open.byRow.values()].filter(({ letter }) => letter === undefined).length;
    if (atDoor < reopened.job.rejectedAtDoor) throw incomplete(reopened.job.rejectedAtDoor, atDoor);
    return { ...reopened, stream };
  }

  private async repair(repairing: Repairing, file: RepairFile): Promise<number> {
    const outcome = new RepairOutcome(repairing.open);
    const lines = [...repairing.open.byRow.keys()].sort((a, b) => a - b);
    const sent = untilStopped(file.rows, repairing.lease.signal);
    const rows = file.hasLine ? sent : await rowsInOrder(sent, lines);
    const published = await this.publish(repairing, rows, outcome);
    await orStoreUnavailable(() => this.commit(repairing, published, outcome));
    return outcome.ignored;
  }

  private async commit(repairing: Repairing, published: readonly Segment[], outcome: RepairOutcome): Promise<void> {
    await this.reopener.commit(repairing, published, outcome);
    const letters = outcome.repaired.flatMap(({ letter }) => (letter === undefined ? [] : [letter]));
    await this.reopener.close(letters, () => 'repaired');
  }

  /** What Kafka acknowledged. */
  private async publish(
    { job, stream, open, lease }: Repairing,
    rows: AsyncIterable<RepairRow> | Iterable<RepairRow>,
    outcome: RepairOutcome,
  ): Promise<readonly Segment[]> {
    const partitions = await this.producer.partitionCount(stream.topic);
    const active = new ActiveJob({ ...job, writeTimeBase: Number(job.writeTimeBase), createdAt: new Date() });
    lease.signal.addEventListener('abort', () => active.stop.abort(lease.signal.reason), { once: true });
    const target = {
      stream,
      partitions,
      attempt: open.lastAttempt + 1,
      onRefused: (row: number, fault: RowFault, json: string) =>
        outcome.stillWrong(open.byRow.get(row)!, [fault], json),
    };
    const publisher = new JobPublisher(this.producer, target, active, this.options);
    try {
      for await (const { line, read, raw } of rows) {
        const reject = outcome.take(line);
        if (!reject) continue;
        const row = read(reject);
        if (row instanceof RowFaults) outcome.stillWrong(reject, row.faults, raw());
        else {
          outcome.good(reject);
          publisher.add([row], [reject.row]);
        }
        await publisher.room();
        if (outcome.wrongRows >= WRONG_ROWS) await this.writeReasons(job.id, outcome.takeWrong());
      }
      await publisher.end();
    } catch (error) {
      await publisher.end().catch(() => undefined); // the first failure is told
      throw brokenOff(error);
    }
    await this.writeReasons(job.id, outcome.takeWrong());
    return active.segments;
  }

  private async writeReasons(jobId: string, wrong: readonly StoredReject[]): Promise<void> {
    if (wrong.length === 0) return;
    await orStoreUnavailable(() => this.stores.rejects.replace(jobId, wrong, microsNow()));
  }
}

const incomplete = (rejected: number, kept: number): ProblemError =>
  new ProblemError(
    'rejects_incomplete',
    `${rejected} rows were rejected at the door and only ${kept} of them were kept, so the job cannot be repaired; ` +
      'send the whole file again',
  );

function brokenOff(error: unknown): unknown {
  if (isGone(error))
    return new ProblemError('bad_request', 'the body ended early; send the repaired rows again', { cause: error });
  if (!(error instanceof KafkaSendError) || !error.retriable) return error;
  return new ProblemError('broker_unavailable', 'Kafka did not acknowledge the repaired rows; send them again', {
    retryAfterSeconds: 5,
    cause: error,
  });
}
