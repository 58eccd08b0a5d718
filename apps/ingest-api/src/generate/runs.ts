import { ProblemError, type JobState, type JobView, type Page } from '@orderstream/contracts';
import type { GenerateQuery, ListQuery } from '@orderstream/contracts/dto';
import type { PartitionProducer } from '@orderstream/kafka';
import type { Log, Metrics } from '@orderstream/observability';
import type { CompiledStream, Row, RowGenerator, StreamRegistry } from '@orderstream/streams';
import { JobPublisher, type PublishOptions } from '../publish/job-publisher.js';
import { CANCELLED, type ActiveJob } from '../track/active-job.js';
import { failureOf } from '../track/job-failure.js';
import type { JobReader } from '../track/job-reader.js';
import type { JobStopper } from '../track/job-stopper.js';
import { cursorOf } from '../track/list-cursor.js';
import type { RunningJobs } from '../track/running-jobs.js';
import { streamNamed } from '../problems/stream-named.js';
import type { LatencyProbes } from './latency-probes.js';
import { planRun, type RunOptions } from './plan-run.js';
import type { RunClaims, RunQuery } from './run-claims.js';
import type { RunLatencies } from './run-latencies.js';
import { emitRun } from './run.js';
import { RunSchedule } from './run-schedule.js';

export interface RunView extends JobView {
  readonly run: RunOptions;
}

interface ActiveRun {
  readonly query: RunQuery;
  readonly options: RunOptions;
  readonly job: ActiveJob;
  readonly ended: Promise<void>;
}

interface Plan {
  readonly stream: CompiledStream;
  readonly generator: RowGenerator;
  readonly options: RunOptions;
  /** as it was asked for */
  readonly rate: string;
}

/** The number of a row is an int in the tables. */
const MAX_ROWS = 2 ** 31 - 1;

export interface RunParts {
  readonly streams: StreamRegistry;
  readonly producer: PartitionProducer;
  readonly jobs: RunningJobs;
  readonly claims: RunClaims;
  readonly reader: JobReader;
  readonly stopper: JobStopper;
  readonly latencies: RunLatencies;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** The generator runs of this process. A run is a job of kind `run`. */
export class Runs {
  private readonly activeById = new Map<string, ActiveRun>();
  private starting: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly parts: RunParts,
    private readonly publish: PublishOptions,
  ) {}

  /**
   * Starts a run, or answers the active one that was asked for with the same query, wherever it runs. One start at a time.
   * Throws `bad_parameter`, `stream_not_found` and `store_unavailable`.
   */
  start(query: GenerateQuery): Promise<{ isNew: boolean; view: RunView }> {
    const next = this.starting.then(() => this.startOrFind(query));
    this.starting = next.catch(() => undefined);
    return next;
  }

  /** Throws `run_not_found`. */
  async view(id: string): Promise<RunView> {
    return this.withOptions(await this.parts.reader.view(id).catch(orRunNotFound(id)));
  }

  /** Newest first. Throws `bad_parameter` for a cursor that is not one. */
  async page(query: ListQuery): Promise<Page<RunView>> {
    const matches = ({ kind }: { kind: string }) => kind === 'run';
    const { items, next } = await this.parts.reader.page({ limit: query.limit, after: cursorOf(query), matches });
    return { items: await Promise.all(items.map((view) => this.withOptions(view))), next };
  }

  /**
   * Ends a run early, on whichever replica it is; what it published is stored all the same. Of a run that has ended it
   * answers the view. Throws `run_not_found`.
   */
  async stop(id: string): Promise<RunView> {
    await this.view(id); // a job of another kind is not stopped
    return this.withOptions(await this.parts.stopper.stop(id));
  }

  async stopAll(): Promise<void> {
    const active = [...this.activeById.values()];
    for (const { job } of active) job.stop.abort(SHUTTING_DOWN);
    await Promise.allSettled(active.map(({ ended }) => ended));
    await this.parts.latencies.close();
  }

  private async withOptions(view: JobView): Promise<RunView> {
    const { id, kind } = view;
    const options = this.activeById.get(id)?.options ?? (await this.parts.reader.optionsOf<RunOptions>(id));
    if (kind !== 'run' || !options) throw notFound(id);
    return { ...view, run: options };
  }

  private async startOrFind(query: GenerateQuery): Promise<{ isNew: boolean; view: RunView }> {
    const identity = identityOf(query);
    // Answered from memory, also while Cassandra is away.
    const same = [...this.activeById.values()].find((run) => run.query.identity === identity);
    if (same) return { isNew: false, view: await this.view(same.job.id) };
    const stream = streamNamed(this.parts.streams, query.stream);
    const { options, generator } = planRun(stream, query);
    this.publish.values.of(stream); // throws before there is a job
    const partitions = await this.parts.producer.partitionCount(stream.topic);
    const asked = { identity, stream: stream.name };
    const { id, isNew } = await this.parts.claims.claim(asked);
    if (isNew)
      await this.begin(asked, id, { stream, generator, options: { ...options, partitions }, rate: query.rate });
    return { isNew, view: await this.view(id) };
  }

  private async begin(query: RunQuery, id: string, { stream, generator, options, rate }: Plan): Promise<void> {
    const about = {
      id,
      kind: 'run' as const,
      stream: stream.name,
      sourceName: `generate rate=${rate} seed=${options.seed}`,
      ...(options.count !== null && { expected: options.count }),
      options: JSON.stringify(options),
    };
    const job = await this.parts.jobs.open(about).catch(async (error: unknown) => {
      await this.parts.claims.release(query, id);
      throw error;
    });
    const target = { stream, partitions: options.partitions };
    const publisher = new JobPublisher(this.parts.producer, target, job, this.publish);
    const schedule = new RunSchedule(options.rate, options.count ?? MAX_ROWS);
    const probes = this.parts.latencies.probesFor(stream);
    const work = emitRun(schedule, probedRows(generator, job, probes, stream.writeTimeOf), publisher, job.stop.signal);
    const ended = this.finish(job, work, probes);
    void ended.then(() => this.parts.claims.release(query, id));
    this.activeById.set(id, { query, options, job, ended });
    this.parts.metrics.gauges.runsActive.inc();
  }

  private async finish(job: ActiveJob, work: Promise<void>, probes: LatencyProbes): Promise<void> {
    const source = { bytes: 0, sha256: null };
    try {
      await work;
      const stopped = job.stop.signal.aborted ? failureOf(job.stop.signal.reason as ProblemError) : null;
      await this.parts.jobs.finish(job, endOf(job.stop.signal), source, stopped);
    } catch (error) {
      this.parts.log.error({ job: job.id, error }, 'run ended early: Kafka did not take its records');
      await this.parts.jobs.finish(job, 'interrupted', source, failureOf(KAFKA_AWAY));
    } finally {
      this.parts.metrics.counters.rowsReceived.inc({ stream: job.stream, source: 'run' }, job.received);
      this.parts.metrics.gauges.runsActive.dec();
      this.activeById.delete(job.id);
      this.parts.latencies.keep(job.id, probes);
    }
  }
}

/** All that a run was asked for with; what was left open is not filled in. */
const identityOf = (query: GenerateQuery): string =>
  JSON.stringify([
    query.stream,
    query.rate,
    query.duration,
    query.count,
    query.seed,
    query.startTime,
    query.keys,
    query.updates,
    query.faults,
  ]);

const SHUTTING_DOWN = new ProblemError(
  'shutting_down',
  'the server was shut down; what the run had published is stored',
);
const KAFKA_AWAY = new ProblemError(
  'broker_unavailable',
  'Kafka did not take its records; what it had published is stored. The cause is in the log of the API',
);

function endOf(stopped: AbortSignal): JobState {
  if (!stopped.aborted) return 'published';
  return stopped.reason === CANCELLED ? 'cancelled' : 'interrupted';
}

const notFound = (id: string): ProblemError => new ProblemError('run_not_found', `there is no run ${id}`);

const orRunNotFound = (id: string) => (error: unknown) => {
  throw error instanceof ProblemError && error.code === 'job_not_found' ? notFound(id) : error;
};

/** The records of a run, some of which are probed as they go; those that must fail never are. */
const probedRows =
  (generator: RowGenerator, job: ActiveJob, probes: LatencyProbes, writeTimeOf: CompiledStream['writeTimeOf']) =>
  (index: number): Row => {
    const row = generator.row(index);
    if (!generator.isFault(index)) probes.offer(row, writeTimeOf?.(row) ?? job.writeTimeBase + index);
    return row;
  };
