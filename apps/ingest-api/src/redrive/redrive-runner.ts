import type { DeadLetterRepository, LeaseRepository, RecordTable, RedriveRepository } from '@orderstream/cassandra';
import { ProblemError, type JobState } from '@orderstream/contracts';
import type { PartitionProducer } from '@orderstream/kafka';
import type { Log, Metrics } from '@orderstream/observability';
import type { SchemaCatalog } from '@orderstream/schemas';
import type { JobReopener } from '../reject/job-reopener.js';
import { CANCELLED, type ActiveJob } from '../track/active-job.js';
import { failureOf } from '../track/job-failure.js';
import type { JobReader } from '../track/job-reader.js';
import type { RunningJobs } from '../track/running-jobs.js';
import { giveBack } from './give-back.js';
import { LetterBatches } from './letter-batches.js';
import { LetterMoves } from './letter-moves.js';
import { LetterSender, type SendingOptions } from './letter-sender.js';
import { Parking } from './parking.js';
import type { RedriveOptions } from './redrive-plan.js';
import { RedriveReport } from './redrive-report.js';
import { RedriveSending } from './redrive-sending.js';
import { RedriveWork } from './redrive-work.js';

export interface RunnerParts {
  readonly redrives: RedriveRepository;
  readonly letters: DeadLetterRepository;
  readonly leases: LeaseRepository;
  readonly tableByStream: ReadonlyMap<string, RecordTable>;
  readonly producer: PartitionProducer;
  readonly publish: SendingOptions;
  readonly running: RunningJobs;
  readonly reader: JobReader;
  readonly reopener: JobReopener;
  readonly schemas: SchemaCatalog;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** What ends a redrive early, beside a request to cancel it: it goes on later, here or elsewhere. */
export interface RedriveEnds {
  /** another process may have begun one */
  readonly lost: AbortSignal;
  /** this process ends */
  readonly ending: AbortSignal;
}

/** Works off the list of one redrive and writes down how its job ended. */
export class RedriveRunner {
  constructor(private readonly parts: RunnerParts) {}

  /** Never rejects: what goes wrong is said by the job, which is interrupted then. */
  async run(job: ActiveJob, options: RedriveOptions, ends: RedriveEnds): Promise<void> {
    const { redrives, running, log, metrics } = this.parts;
    const report = new RedriveReport(metrics);
    const stop = AbortSignal.any([job.stop.signal, ends.lost, ends.ending]);
    let failure: unknown = undefined;
    try {
      const letters = await redrives.letters(job.id, options.letters);
      await this.workOf(job, options, { report, stop, ending: ends.ending }).run(letters);
    } catch (error) {
      failure = error;
      log.warn({ job: job.id, error }, 'redrive interrupted; it goes on by itself');
    }
    for (const warning of report.warnings()) job.warnings.add(warning);
    const { state, reason } = endOf(failure, stop);
    if (state === 'cancelled' && !ends.lost.aborted) await this.giveBack(job, options);
    await running.finish(job, state, { bytes: 0, sha256: null }, reason && failureOf(reason));
    report.log(log, { job: job.id, state });
  }

  /** While Cassandra is away the letters stay `redriven`; the next redrive takes them. */
  private async giveBack({ id }: ActiveJob, options: RedriveOptions): Promise<void> {
    const { redrives, letters, log } = this.parts;
    try {
      await giveBack(await redrives.letters(id, options.letters), letters);
    } catch (error) {
      log.warn({ job: id, error }, 'letters of a cancelled redrive are not given back');
    }
  }

  private workOf(
    job: ActiveJob,
    { patch, rate }: RedriveOptions,
    {
      report,
      stop,
      ending,
    }: { readonly report: RedriveReport; readonly stop: AbortSignal; readonly ending: AbortSignal },
  ): RedriveWork {
    const { redrives, letters, leases, reader, reopener, producer, publish, tableByStream, schemas } = this.parts;
    const sender = new LetterSender(producer, publish, rate, stop);
    const sending = new RedriveSending(job, { redrives, letters, sender, report });
    const parking = new Parking(tableByStream);
    const batches = new LetterBatches({ letters, parking, report, patch, schemas, limits: sender.limits, stop });
    const moves = new LetterMoves(letters);
    return new RedriveWork({ moves, leases, reader, reopener, batches, sending, report, stop, ending });
  }
}

function endOf(failure: unknown, stop: AbortSignal): { state: JobState; reason: ProblemError | null } {
  if (failure === undefined && !stop.aborted) return { state: 'published', reason: null };
  // Also when it failed: one that fails for good would be gone on with for ever, and block all others.
  if (stop.reason === CANCELLED) return { state: 'cancelled', reason: CANCELLED };
  const cause = failure ?? (stop.reason as unknown);
  return { state: 'interrupted', reason: cause instanceof ProblemError ? cause : BROKEN_OFF };
}

const BROKEN_OFF = new ProblemError(
  'broker_unavailable',
  'Kafka or Cassandra did not answer; the redrive goes on by itself once they do. The cause is in the log of the API',
);
