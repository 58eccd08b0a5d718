import { ProblemError, type JobState } from '@orderstream/contracts';
import { KafkaSendError, type PartitionProducer } from '@orderstream/kafka';
import type { Log, Metrics } from '@orderstream/observability';
import { JobPublisher, type PublishOptions } from '../publish/job-publisher.js';
import type { ActiveJob } from '../track/active-job.js';
import type { JobReader } from '../track/job-reader.js';
import type { RunningJobs } from '../track/running-jobs.js';
import type { Digest } from './body-digest.js';
import type { OpenedBody } from './open-body.js';
import type { RowBatch } from './row-batch.js';

/** The identity a job is to have when an idempotency key stands for it. */
export interface KeyedJob {
  readonly id: string;
  readonly idempotencyKey: string;
}

/** A job and what feeds it. */
interface Receiving {
  readonly job: ActiveJob;
  readonly publisher: JobPublisher;
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
    private readonly observed: { readonly metrics: Metrics; readonly log: Log },
    private readonly options: PublishOptions,
  ) {}

  /** Answers the id of the job. Throws ProblemError with the job when the body did not come to a good end. */
  async receive(body: OpenedBody, sourceName: string, keyed?: KeyedJob): Promise<string> {
    return this.publish(
      body,
      await this.orClose(body, async () => {
        const partitions = await this.producer.partitionCount(body.stream.topic);
        const job = await this.jobs.open({ ...keyed, kind: 'upload', stream: body.stream.name, sourceName });
        return this.begin(body, job, partitions, undefined);
      }),
    );
  }

  /**
   * Goes on with an interrupted job. The body is read again from its beginning: rows that Kafka has acknowledged are not
   * sent again. Throws also `idempotency_key_reused` when the part that was read before is another now.
   */
  async resume(body: OpenedBody, id: string): Promise<string> {
    return this.publish(
      body,
      await this.orClose(body, async () => {
        const current = await this.producer.partitionCount(body.stream.topic);
        const { job, checkpoint } = await this.jobs.resume(id);
        // Rows keep their partitions when the topic has grown since, or it could not be told which were sent.
        return this.begin(body, job, checkpoint?.partitions ?? current, checkpoint);
      }),
    );
  }

  private begin(body: OpenedBody, job: ActiveJob, partitions: number, prefix: Digest | undefined): Receiving {
    body.digest.expect(prefix);
    this.jobs.follow(job, () => ({ ...body.digest.soFar(), partitions }));
    return { job, publisher: new JobPublisher(this.producer, { stream: body.stream, partitions }, job, this.options) };
  }

  private async publish(body: OpenedBody, { job, publisher }: Receiving): Promise<string> {
    try {
      await this.publishAll(body, job, publisher);
      await publisher.end();
    } catch (error) {
      await publisher.end().catch(() => undefined); // the first failure is told; this only awaits what is under way
      throw await this.broken(job, body, error);
    }
    await this.jobs.finish(job, 'published', body.digest.soFar());
    return job.id;
  }

  private async publishAll(body: OpenedBody, job: ActiveJob, publisher: JobPublisher): Promise<void> {
    const { counters } = this.observed.metrics;
    const stream = body.stream.name;
    for await (const { rows, rowNumbers, rejects } of untilStopped(onceSame(body), job.stopped)) {
      for (const { faults } of rejects) {
        job.reject(faults[0]!.code);
        counters.rowsRejected.inc({ stream, stage: 'door', code: faults[0]!.code });
      }
      publisher.add(rows, rowNumbers);
      counters.rowsReceived.inc({ stream, source: 'upload' }, rows.length + rejects.length);
      await publisher.room();
    }
    for (const warning of body.warnings) job.warnings.add(warning);
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
    this.observed.log.warn({ job: job.id, state, reason }, 'upload ended early');
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

/** Throws the signal's reason as soon as it is aborted, even while the client sends nothing. */
async function* untilStopped<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void, void> {
  const iterator = items[Symbol.asyncIterator]();
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  stopped.catch(() => undefined);
  for (;;) {
    const next = await Promise.race([iterator.next(), stopped]);
    if (next.done) return;
    yield next.value;
  }
}

const otherBody = (): ProblemError =>
  new ProblemError(
    'idempotency_key_reused',
    'the body is not the one that was interrupted under this Idempotency-Key: what was read then is different now. ' +
      'Send the same file, or this one under another key.',
  );

/** The client closed the connection, or the network did. */
const isGone = (error: unknown): boolean =>
  ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'HPE_INVALID_CHUNK_SIZE'].includes(
    String((error as { code?: unknown }).code),
  );
