import type { RejectRepository } from '@orderstream/cassandra';
import { ProblemError, type JobState } from '@orderstream/contracts';
import { KafkaSendError, type PartitionProducer } from '@orderstream/kafka';
import type { Log, Metrics } from '@orderstream/observability';
import { RejectKeeper } from '../reject/reject-keeper.js';
import { RejectLimit } from '../reject/reject-limit.js';
import { JobPublisher, type PublishOptions, type PublishTarget } from '../publish/job-publisher.js';
import type { ActiveJob } from '../track/active-job.js';
import type { JobReader } from '../track/job-reader.js';
import type { RunningJobs } from '../track/running-jobs.js';
import type { Digest } from './body-digest.js';
import type { OpenedBody } from './open-body.js';
import type { RowBatch } from './row-batch.js';
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

/** A job and what feeds it. */
interface Begun {
  readonly job: ActiveJob;
  readonly publisher: JobPublisher;
  readonly rejects: RejectKeeper;
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

  private begin(body: OpenedBody, job: ActiveJob, partitions: number, prefix: Digest | undefined): Begun {
    const { stream, format, header, digest, readAs } = body;
    const { log, rejects: repository } = this.beside;
    digest.expect(prefix);
    this.jobs.follow(job, () => ({ ...digest.soFar(), partitions }));
    const { reading, unescape } = readAs;
    const source = { format, delimiter: header?.delimiter, header: header?.cells, reading, unescape };
    const rejects = new RejectKeeper(repository, job, source, log);
    const onRefused: PublishTarget['onRefused'] = (row, fault, json) =>
      rejects.add([{ row, faults: [fault], raw: json }]);
    const target = { stream, partitions, onRefused };
    return { job, rejects, publisher: new JobPublisher(this.producer, target, job, this.options) };
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
      throw await this.broken(job, body, error);
    }
    await this.jobs.finish(job, 'published', body.digest.soFar());
    return job.id;
  }

  private async publishAll(body: OpenedBody, { job, publisher, rejects: kept }: Begun, limit: RejectLimit) {
    const { counters } = this.beside.metrics;
    const stream = body.stream.name;
    let received = 0;
    let lastRow = 0;
    const taken = () => ({ received, rejectedAtDoor: job.rejectedThisTime });
    for await (const whole of untilStopped(onceSame(body), job.stop.signal)) {
      const { batch, stop } = limit.cut(whole, taken());
      const { rows, rowNumbers, rejects } = batch;
      for (const { faults } of rejects) {
        job.reject(faults[0]!.code);
        counters.rowsRejected.inc({ stream, stage: 'door', code: faults[0]!.code });
      }
      kept.add(rejects);
      publisher.add(rows, rowNumbers);
      counters.rowsReceived.inc({ stream, source: 'upload' }, rows.length + rejects.length);
      await publisher.room();
      await kept.room();
      received += rows.length + rejects.length;
      if (stop !== undefined) throw limit.passed(taken(), stop);
      lastRow = Math.max(lastRow, rowNumbers.at(-1) ?? 0, rejects.at(-1)?.row ?? 0);
    }
    for (const warning of body.warnings) job.warnings.add(warning);
    limit.judgeEnd(taken(), lastRow);
  }

  private async orClose<T>(body: OpenedBody, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await body.close();
      throw error;
    }
  }

  /** What is told of an upload that did not come to its end; its job says `failed` or `interrupted`. */
  private async broken(job: ActiveJob, body: OpenedBody, error: unknown): Promise<ProblemError> {
    const refused = error instanceof ProblemError;
    const state = endOf(error);
    const reason = error instanceof Error ? error.message : String(error);
    await this.jobs.finish(job, state, body.digest.soFar());
    this.beside.log.warn({ job: job.id, state, reason }, 'upload ended early');
    const view = await this.reader.view(job.id).catch(() => undefined);
    if (refused) return new ProblemError(error.code, error.detail, { ...error.extra, job: view });
    if (error instanceof KafkaSendError && error.retriable) {
      return new ProblemError('broker_unavailable', reason, { retryAfterSeconds: 5, job: view, cause: error });
    }
    if (isGone(error))
      return new ProblemError('bad_request', `the body ended early: ${reason}`, { job: view, cause: error });
    return new ProblemError('internal_error', 'the upload broke off; the cause is in the log of the API', {
      job: view,
      cause: error,
    });
  }
}

/** Other bytes under a key, another process at work or a slow sender say nothing about the job itself: it can go on. */
const RESUMABLE: ReadonlySet<string> = new Set(['idempotency_key_reused', 'job_running', 'upload_too_slow']);

function endOf(error: unknown): JobState {
  if (!(error instanceof ProblemError)) return 'interrupted';
  if (error.code === 'job_cancelled') return 'cancelled';
  return RESUMABLE.has(error.code) ? 'interrupted' : 'failed';
}

/**
 * The batches of a body once it is sure that it begins as the one that was interrupted. Until then they are held back:
 * as many rows as were read but not acknowledged, which is bounded by what a job may have under way.
 */
async function* onceSame({ batches, digest }: OpenedBody): AsyncGenerator<RowBatch, void, void> {
  const held: RowBatch[] = [];
  for await (const batch of batches) {
    if (digest.prefixState === 'different') throw otherBody();
    held.push(batch);
    if (digest.prefixState === 'same') yield* held.splice(0);
  }
  if (digest.prefixState !== 'same') throw otherBody();
  yield* held;
}

const otherBody = (): ProblemError =>
  new ProblemError(
    'idempotency_key_reused',
    'the body is not the one that was interrupted under this Idempotency-Key: what was read then is different now. ' +
      'Send the same file, or this one under another key.',
  );

/** The client closed the connection, or the network did. */
export const isGone = (error: unknown): boolean =>
  ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'HPE_INVALID_CHUNK_SIZE'].includes(
    String((error as { code?: unknown }).code),
  );
