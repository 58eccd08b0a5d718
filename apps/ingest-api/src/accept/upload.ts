import type { RejectRepository } from '@orderstream/cassandra';
import { ProblemError } from '@orderstream/contracts';
import type { PartitionProducer } from '@orderstream/kafka';
import type { Log, Metrics } from '@orderstream/observability';
import { RejectKeeper } from '../reject/reject-keeper.js';
import { RejectLimit } from '../reject/reject-limit.js';
import { JobPublisher, type PublishOptions, type PublishTarget } from '../publish/job-publisher.js';
import type { ActiveJob } from '../track/active-job.js';
import { failureOf } from '../track/job-failure.js';
import type { JobReader } from '../track/job-reader.js';
import type { Checkpoint } from '../track/running-job.js';
import type { RunningJobs } from '../track/running-jobs.js';
import type { OpenedBody } from './open-body.js';
import { ReadAgain, readAgain } from './read-again.js';
import { RowIntake, type Fed } from './row-intake.js';
import { endOf, problemOf } from './upload-end.js';
import { untilStopped } from './until-stopped.js';

/** The identity a job is to have when an idempotency key stands for it. */
export interface KeyedJob {
  readonly id: string;
  readonly idempotencyKey: string;
}

export interface UploadRules {
  /** `10` or `2.5%`; see `RejectLimit` */
  readonly maxRejects?: string | undefined;
}

interface Begun extends Fed {
  /** what was read before the job was interrupted */
  readonly prefix: Checkpoint | undefined;
}

/**
 * One file from its first row to the last acknowledgement of Kafka. The job exists before the first send; whatever
 * happens then, it is finished with true counts of what was published.
 */
export class Upload {
  constructor(
    private readonly producer: PartitionProducer,
    private readonly jobs: RunningJobs,
    private readonly reader: JobReader,
    private readonly beside: { readonly metrics: Metrics; readonly log: Log; readonly rejects: RejectRepository },
    private readonly options: PublishOptions,
  ) {}

  /** Answers the id of the job. Throws ProblemError with the job when the body did not come to a good end. */
  async receive(body: OpenedBody, sourceName: string, rules: UploadRules = {}, keyed?: KeyedJob): Promise<string> {
    const begun = await this.orClose(body, async () => {
      const partitions = await this.producer.partitionCount(body.stream.topic);
      const job = await this.jobs.open({ ...keyed, kind: 'upload', stream: body.stream.name, sourceName });
      return this.begin(body, job, partitions, undefined);
    });
    return this.publish(body, begun, rules);
  }

  /**
   * Goes on with an interrupted job. The body is read again from its beginning: rows that Kafka has acknowledged are not
   * sent again. Throws also `idempotency_key_reused` when the part that was read before is another now.
   */
  async resume(body: OpenedBody, id: string, rules: UploadRules = {}): Promise<string> {
    const begun = await this.orClose(body, async () => {
      const current = await this.producer.partitionCount(body.stream.topic);
      const { job, checkpoint } = await this.jobs.resume(id);
      // Rows keep their partitions when the topic has grown since, or it could not be told which were sent.
      return this.begin(body, job, checkpoint?.partitions ?? current, checkpoint);
    });
    return this.publish(body, begun, rules);
  }

  private begin(body: OpenedBody, job: ActiveJob, partitions: number, prefix: Checkpoint | undefined): Begun {
    const { stream, format, header, digest, readAs } = body;
    const { log, rejects: repository } = this.beside;
    digest.expect(prefix);
    const { reading, unescape } = readAs;
    const source = { format, delimiter: header?.delimiter, header: header?.cells, reading, unescape };
    const rejects = new RejectKeeper(repository, job, source, log);
    if (!prefix) rejects.begin();
    // What is read of another body must not pass for the one that is to go on.
    this.jobs.follow(job, () =>
      rejects.hasBegun
        ? { ...digest.soFar(), partitions, rejectsThrough: rejects.keptThrough }
        : { ...prefix!, partitions },
    );
    const onRefused: PublishTarget['onRefused'] = (row, fault, json) =>
      rejects.add([{ row, faults: [fault], raw: json }]);
    const target = { stream, partitions, onRefused };
    return { job, rejects, publisher: new JobPublisher(this.producer, target, job, this.options), prefix };
  }

  private async publish(body: OpenedBody, begun: Begun, rules: UploadRules): Promise<string> {
    const { job, publisher, rejects } = begun;
    try {
      await this.publishAll(body, begun, RejectLimit.of(rules.maxRejects));
      await publisher.end();
      await rejects.end();
    } catch (error) {
      await publisher.end().catch(() => undefined); // the first failure is told; this only awaits what is under way
      await rejects.end();
      throw await this.broken(begun, body, error);
    }
    await this.jobs.finish(job, 'published', body.digest.soFar());
    return job.id;
  }

  private async publishAll(body: OpenedBody, begun: Begun, limit: RejectLimit): Promise<void> {
    const { job, publisher, prefix } = begun;
    const intake = new RowIntake(begun, limit, this.beside.metrics.counters);
    const batches = untilStopped(body.batches, job.stop.signal);
    if (prefix) {
      const part = new ReadAgain(publisher, limit, prefix.rejectsThrough ?? -1);
      const failure = await readAgain(body, batches, part);
      job.stop.signal.throwIfAborted();
      await intake.goOn(part);
      if (failure) throw failure;
    }
    for await (const batch of batches) await intake.take(batch);
    for (const warning of body.warnings) job.warnings.add(warning);
    intake.end();
  }

  private async orClose<T>(body: OpenedBody, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await body.close();
      throw error;
    }
  }

  /** What is told of an upload that did not come to its end; its job says `failed` or `interrupted`, and why. */
  private async broken({ job, rejects, prefix }: Begun, body: OpenedBody, error: unknown): Promise<ProblemError> {
    const isSure = rejects.hasBegun;
    const state = endOf(error, isSure);
    const told = problemOf(error);
    await this.jobs.finish(job, state, isSure ? body.digest.soFar() : prefix!, failureOf(told));
    const reason = error instanceof Error ? error.message : String(error);
    this.beside.log.warn({ job: job.id, state, reason }, 'upload ended early');
    const view = await this.reader.view(job.id).catch(() => undefined);
    return new ProblemError(told.code, told.detail, { ...told.extra, job: view });
  }
}
