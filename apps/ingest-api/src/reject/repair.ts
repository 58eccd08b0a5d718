import type {
  DeadLetterRepository,
  JobRepository,
  LeaseRepository,
  LetterPosition,
  RejectRepository,
  StoredJob,
  StoredReject,
} from '@orderstream/cassandra';
import { ProblemError, type JobView, type RowFault, type Segment } from '@orderstream/contracts';
import { KafkaSendError, type PartitionProducer } from '@orderstream/kafka';
import { RowFaults, type CompiledStream } from '@orderstream/streams';
import { untilStopped } from '../accept/until-stopped.js';
import { isGone } from '../accept/upload-end.js';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import { JobPublisher, type PublishOptions } from '../publish/job-publisher.js';
import { ActiveJob } from '../track/active-job.js';
import type { JobReader } from '../track/job-reader.js';
import { withRepairLease, type RepairLease } from './repair-lease.js';
import { openRejectsOf, type OpenReject, type OpenRejects } from './open-rejects.js';
import { RepairOutcome } from './repair-outcome.js';
import { openRepair, rowsInOrder, type RepairFile, type RepairRow } from './repair-rows.js';

/** New reasons in memory before they are written. */
const WRONG_ROWS = 200;
/** Letters that are closed at once. */
const LETTERS_AT_ONCE = 16;

export interface RepairStores {
  readonly jobs: JobRepository;
  readonly leases: LeaseRepository;
  readonly rejects: RejectRepository;
  readonly letters: DeadLetterRepository;
}

interface Repairing {
  readonly job: StoredJob;
  readonly segments: readonly Segment[];
  readonly stream: CompiledStream;
  readonly open: OpenRejects;
  readonly lease: RepairLease;
}

/**
 * Rows of a job that were refused come back corrected: they are published under their job, row number and write time, with
 * the next attempt. The one write that counts them (counts and segments, in one piece) comes after Kafka has acknowledged
 * them; before it, nothing has happened but a mark that does not count yet and records that can be sent again.
 */
export class Repair {
  constructor(
    private readonly stores: RepairStores,
    private readonly reader: JobReader,
    private readonly producer: PartitionProducer,
    private readonly streamOf: (name: string) => CompiledStream,
    private readonly options: PublishOptions,
  ) {}

  /**
   * `text`: the decoded body. Answers how many of its rows were for no rejected row. Throws `job_not_found`,
   * `job_not_settled`, `job_running` (another repair is, or has begun since), `rejects_incomplete`, `repair_needs_line` and what reading a CSV throws.
   */
  async run(jobId: string, text: AsyncIterable<Buffer>, delimiter: string | undefined): Promise<number> {
    await this.settledView(jobId);
    return withRepairLease(this.stores.leases, jobId, async (lease) => {
      // Again under the lease: a repair may have ended in between.
      const stream = this.streamOf((await this.settledView(jobId)).stream);
      const source = await orStoreUnavailable(() => this.stores.rejects.source(jobId));
      const repairing = await orStoreUnavailable(() => this.begin(jobId, stream, lease));
      return this.repair(repairing, await openRepair(text, { stream, source }, delimiter));
    });
  }

  private async settledView(jobId: string): Promise<JobView> {
    const view = await this.reader.view(jobId);
    if (view.settledAt === null)
      throw notSettled(`job ${jobId} has rows whose fate is not known yet; try again once its settledAt is set`);
    if (view.state === 'interrupted')
      throw notSettled(`the upload of job ${jobId} was interrupted; send its file again to its end, then repair`);
    return view;
  }

  private async begin(jobId: string, stream: CompiledStream, lease: RepairLease): Promise<Repairing> {
    const { jobs, rejects } = this.stores;
    const job = await jobs.find(jobId);
    if (!job) throw new ProblemError('job_not_found', `there is no job ${jobId}`);
    const segments = await jobs.segments(jobId);
    const open = await openRejectsOf(jobId, segments, this.stores);
    const atDoor = [...open.byRow.values()].filter(({ letter }) => letter === undefined).length;
    if (atDoor < job.rejectedAtDoor) throw incomplete(job.rejectedAtDoor, atDoor);
    await rejects.mark(jobId, open.staleMarks, null, microsNow());
    await this.close(open.superseded);
    return { job, segments, stream, open, lease };
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

  /** Marks, then the one write that makes them count, then the letters, which the next repair would close too. */
  private async commit(repairing: Repairing, published: readonly Segment[], outcome: RepairOutcome): Promise<void> {
    const { job, segments, lease } = repairing;
    const { repaired } = outcome;
    await lease.confirm();
    if (repaired.length > 0) await this.mark(repairing, outcome);
    if (repaired.length > 0 || outcome.hasNewReasons) {
      const places = published.map((segment, i) => ({ seq: segments.length + i, ...segment }));
      await lease.confirm();
      await this.stores.jobs.update(job, outcome.changeOf(job), places);
    }
    await this.close(repaired.flatMap(({ letter }) => (letter === undefined ? [] : [letter])));
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

  /** The mark counts once the job has segments of its attempt. A new reason of an earlier repair has had its day. */
  private async mark({ job, open }: Repairing, { repaired }: RepairOutcome): Promise<void> {
    const { rejects } = this.stores;
    const outdated = repaired.filter(({ letter, hasNewReason }) => letter !== undefined && hasNewReason);
    await rejects.forget(job.id, rowsOf(outdated), microsNow());
    await rejects.mark(job.id, rowsOf(repaired), open.lastAttempt + 1, microsNow());
  }

  /** A letter that is moved by somebody else meanwhile stays as that one left it. */
  private async close(letters: readonly LetterPosition[]): Promise<void> {
    for (let at = 0; at < letters.length; at += LETTERS_AT_ONCE) {
      const some = letters.slice(at, at + LETTERS_AT_ONCE);
      await Promise.all(some.map((letter) => this.stores.letters.move(letter, letter.state, 'repaired')));
    }
  }
}

const rowsOf = (rejects: readonly OpenReject[]): number[] => rejects.map(({ row }) => row);

const notSettled = (what: string): ProblemError => new ProblemError('job_not_settled', what, { retryAfterSeconds: 2 });

const microsNow = (): bigint => BigInt(Date.now()) * 1_000n;

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
