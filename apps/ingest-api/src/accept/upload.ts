import { ProblemError } from '@orderstream/contracts';
import { KafkaSendError, type PartitionProducer } from '@orderstream/kafka';
import type { Log, Metrics } from '@orderstream/observability';
import { JobPublisher, type PublishOptions } from '../publish/job-publisher.js';
import type { ActiveJob } from '../track/active-job.js';
import type { JobReader } from '../track/job-reader.js';
import type { RunningJobs } from '../track/running-jobs.js';
import type { OpenedBody } from './open-body.js';

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
  async receive(body: OpenedBody, sourceName: string): Promise<string> {
    const { job, publisher } = await this.begin(body, sourceName);
    try {
      await this.publishAll(body, job, publisher);
      await publisher.end();
    } catch (error) {
      await publisher.end().catch(() => undefined); // the first failure is told; this only awaits what is under way
      throw await this.broken(job, body, error);
    }
    await this.jobs.finish(job, 'published', body.digest());
    return job.id;
  }

  private async begin(body: OpenedBody, sourceName: string): Promise<{ job: ActiveJob; publisher: JobPublisher }> {
    const { stream } = body;
    try {
      const partitions = await this.producer.partitionCount(stream.topic);
      const job = await this.jobs.open({ kind: 'upload', stream: stream.name, sourceName });
      return { job, publisher: new JobPublisher(this.producer, { stream, partitions }, job, this.options) };
    } catch (error) {
      await body.close();
      throw error;
    }
  }

  private async publishAll(body: OpenedBody, job: ActiveJob, publisher: JobPublisher): Promise<void> {
    const { counters } = this.observed.metrics;
    const stream = body.stream.name;
    for await (const { rows, rowNumbers, rejects } of body.batches) {
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

  /** What is told of an upload that did not come to its end; its job says `failed` or `interrupted`. */
  private async broken(job: ActiveJob, body: OpenedBody, error: unknown): Promise<ProblemError> {
    const refused = error instanceof ProblemError;
    const state = refused ? 'failed' : 'interrupted';
    const reason = error instanceof Error ? error.message : String(error);
    await this.jobs.finish(job, state, body.digest());
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

/** The client closed the connection, or the network did. */
const isGone = (error: unknown): boolean =>
  ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'HPE_INVALID_CHUNK_SIZE'].includes(
    String((error as { code?: unknown }).code),
  );
