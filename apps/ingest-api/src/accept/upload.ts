import type { RejectRepository } from '@orderstream/cassandra';
import { ProblemError } from '@orderstream/contracts';
import { KafkaSendError, type PartitionProducer } from '@orderstream/kafka';
import type { Log, Metrics } from '@orderstream/observability';
import { RejectKeeper } from '../reject/reject-keeper.js';
import { RejectLimit } from '../reject/reject-limit.js';
import { JobPublisher, type PublishOptions, type PublishTarget } from '../publish/job-publisher.js';
import type { ActiveJob } from '../track/active-job.js';
import type { JobReader } from '../track/job-reader.js';
import type { RunningJobs } from '../track/running-jobs.js';
import type { OpenedBody } from './open-body.js';

export interface UploadRules {
  /** `10` or `2.5%`; see `RejectLimit` */
  readonly maxRejects?: string | undefined;
}

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
  async receive(body: OpenedBody, sourceName: string, rules: UploadRules = {}): Promise<string> {
    const begun = await this.begin(body, sourceName);
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
    await this.jobs.finish(job, 'published', body.digest());
    return job.id;
  }

  private async begin(body: OpenedBody, sourceName: string): Promise<Begun> {
    const { stream, format, header } = body;
    const { log, rejects: repository } = this.beside;
    try {
      const partitions = await this.producer.partitionCount(stream.topic);
      const job = await this.jobs.open({ kind: 'upload', stream: stream.name, sourceName });
      const source = { format, delimiter: header?.delimiter, header: header?.cells };
      const rejects = new RejectKeeper(repository, job, source, log);
      const onRefused: PublishTarget['onRefused'] = (row, fault, json) =>
        rejects.add([{ row, faults: [fault], raw: json }]);
      const target = { stream, partitions, onRefused };
      return { job, rejects, publisher: new JobPublisher(this.producer, target, job, this.options) };
    } catch (error) {
      await body.close();
      throw error;
    }
  }

  private async publishAll(body: OpenedBody, { job, publisher, rejects: kept }: Begun, limit: RejectLimit) {
    const { counters } = this.beside.metrics;
    const stream = body.stream.name;
    let lastRow = 0;
    for await (const whole of body.batches) {
      const { batch, stop } = limit.cut(whole, job);
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
      if (stop !== undefined) throw limit.passed(job, stop);
      lastRow = Math.max(lastRow, rowNumbers.at(-1) ?? 0, rejects.at(-1)?.row ?? 0);
    }
    for (const warning of body.warnings) job.warnings.add(warning);
    limit.judgeEnd(job, lastRow);
  }

  /** What is told of an upload that did not come to its end; its job says `failed` or `interrupted`. */
  private async broken(job: ActiveJob, body: OpenedBody, error: unknown): Promise<ProblemError> {
    const refused = error instanceof ProblemError;
    const state = refused ? 'failed' : 'interrupted';
    const reason = error instanceof Error ? error.message : String(error);
    await this.jobs.finish(job, state, body.digest());
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

/** The client closed the connection, or the network did. */
export const isGone = (error: unknown): boolean =>
  ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'HPE_INVALID_CHUNK_SIZE'].includes(
    String((error as { code?: unknown }).code),
  );
