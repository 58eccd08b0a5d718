import type { InjectionToken } from '@nestjs/common';
import {
  DeadLetterRepository,
  IdempotencyKeyRepository,
  JobList,
  JobRepository,
  LatencyRepository,
  LeaseRepository,
  PartitionOrderRepository,
  RecordTable,
  RedriveRepository,
  type CassandraSession,
  OverruleRepository,
  RejectRepository,
  StatementRunner,
  StopRepository,
  WorkerRepository,
} from '@orderstream/cassandra';
import { createMetrics, METRICS, type Log, type Metrics } from '@orderstream/observability';
import { SchemaCatalog } from '@orderstream/schemas';
import { readDefinitionFiles } from '@orderstream/settings';
import { loadStreams, StreamRegistry } from '@orderstream/streams';
import { BodyIntake } from './accept/body-intake.js';
import { Door } from './accept/door.js';
import { DryRun } from './accept/dry-run.js';
import { IngestService } from './accept/ingest.service.js';
import { KeyedUpload } from './accept/keyed-upload.js';
import { Upload } from './accept/upload.js';
import type { IngestConfig } from './config.js';
import { connectionsOf, type Connections } from './connections.js';
import { CLAIM_TTL_S, RunClaims } from './generate/run-claims.js';
import { RunLatencies } from './generate/run-latencies.js';
import { RunVerifier } from './generate/run-verifier.js';
import { Runs } from './generate/runs.js';
import { Backends } from './operate/backends.js';
import { DeadLetters } from './operate/dead-letters.js';
import { Resources } from './operate/resources.js';
import { StoppedPartitions } from './operate/stopped-partitions.js';
import { Workers } from './operate/workers.js';
import { streamNamed } from './problems/stream-named.js';
import type { PublishOptions } from './publish/job-publisher.js';
import { SinglePublisher } from './publish/single-publisher.js';
import { StreamSchemas } from './publish/stream-schemas.js';
import { UnderWay } from './publish/under-way.js';
import { ValueEncoding } from './publish/value-encoding.js';
import { WriteClock } from './publish/write-clock.js';
import { questionPartsOf } from './query/question-parts.js';
import { Reconciler } from './reconcile/reconciler.js';
import { redrivePartsOf } from './redrive/redrive-parts.js';
import { JobReopener } from './reject/job-reopener.js';
import { RejectList } from './reject/reject-list.js';
import { Rejects } from './reject/rejects.service.js';
import { Repair } from './reject/repair.js';
import { Startup } from './startup.js';
import { statsPartsOf } from './stats/stats-parts.js';
import { CommittedOffsets } from './track/committed-offsets.js';
import { FlowControl } from './track/flow-control.js';
import { JobReader } from './track/job-reader.js';
import { JobSearch } from './track/job-search.js';
import { JobStopper } from './track/job-stopper.js';
import { Outcomes } from './track/outcomes.js';
import { OpenJobs } from './reconcile/open-jobs.js';
import { RunningJobs } from './track/running-jobs.js';

/** Of all jobs. What one job alone needs to keep three partitions busy: a send under way, one ready, one being filled. */
const MAX_UNDER_WAY_BYTES = 12 * 1024 * 1024;

/** Every part of the API with what it is made of, and the token it is injected by. */
export function partsOf(config: IngestConfig, log: Log): [InjectionToken, unknown][] {
  const metrics = createMetrics('ingest-api');
  const streams = streamsOf(config);
  const connections = connectionsOf(config, metrics, log);
  const { store, kafka, producer, admin, registry } = connections;
  const { values, schemas, streamSchemas } = encodingOf(registry, streams);
  const backends = new Backends(store, admin);
  const clock = new WriteClock();
  const track = trackingOf({ config, connections, clock, streams, metrics, log });
  const { jobs, letters, rejects, flow, reader } = track;

  const context = { config, connections, streams, values, track, metrics, log };
  const { publish, upload, keyed, repair, reopener, streamOf } = publishingOf(context);
  const single = new SinglePublisher(producer, clock, values, config.publishTimeoutMs);
  const tableByStream = tablesOf(store, streams);
  const dryRun = new DryRun({ producer, values, tableByStream, flow });
  const { runs, verifier } = generatingOf(context, publish, tableByStream);
  const audit = new OverruleRepository(store);
  const redriveList = new RedriveRepository(store);
  const own = { redrives: redriveList, tableByStream, producer, publish, reopener, streams, schemas, metrics, log };
  const { redrives, parts: redriveParts } = redrivePartsOf({ ...track, ...own });
  const { parts: questions, tails } = questionPartsOf({ ...context, ...connections, ...track, schemas, tableByStream });
  const stats = statsPartsOf({ ...connections, streams, log });
  const prepared = [jobs, letters, rejects, audit, redriveList, ...stats.prepared];
  const opened = { streams, store, prepared, tables: [...tableByStream.values()], kafka, producer, redrives };
  const door = new Door({ backends, flow, metrics }, config.maxUploads);
  const reconciler = reconcilerOf({ ...context, schemas, tableByStream, clock, audit });
  const closed = { ...connections, ...track, tails, runs, redrives, proofs: [verifier, reconciler], backends };

  return [
    [METRICS, metrics],
    [StreamRegistry, streams],
    [Backends, backends],
    [BodyIntake, new BodyIntake(config)],
    [IngestService, new IngestService({ ...track, door, streams, single, upload, keyed, dryRun }, config)],
    ...trackedParts(track, streams, store),
    [Runs, runs],
    [RunVerifier, verifier],
    [Reconciler, reconciler],
    [Rejects, new Rejects({ rejects, letters }, { reader, repair, streamOf, schemas, door, limits: config })],
    [RejectList, new RejectList({ rejects, letters }, reader, schemas, streams)],
    ...questions,
    [DeadLetters, new DeadLetters(letters, schemas)],
    ...redriveParts,
    ...stats.parts,
    [StreamSchemas, streamSchemas],
    [Startup, new Startup(config, { ...opened, admin, backends, flow, schemas: streamSchemas }, log)],
    [Resources, new Resources(closed, config.shutdownMs)],
  ];
}

const streamsOf = ({ topicPrefix, streamsDir, keyspace }: IngestConfig): StreamRegistry =>
  new StreamRegistry(loadStreams({ topicPrefix, keyspace, files: readDefinitionFiles(streamsDir) }));

/** What makes values of rows and rows of values. */
function encodingOf(registry: Connections['registry'], streams: StreamRegistry) {
  const values = new ValueEncoding(registry !== undefined);
  return { values, schemas: new SchemaCatalog(registry), streamSchemas: new StreamSchemas(registry, streams, values) };
}

interface PublishingContext {
  readonly config: IngestConfig;
  readonly connections: Connections;
  readonly streams: StreamRegistry;
  readonly values: ValueEncoding;
  readonly track: ReturnType<typeof trackingOf>;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** What sends the rows of jobs to Kafka. */
function publishingOf({ config, connections, streams, values, track, metrics, log }: PublishingContext) {
  const { producer } = connections;
  const { jobs, leases, keys, letters, rejects, running, reader, flow } = track;
  const publish = {
    maxRows: config.publishRows,
    maxBytes: config.publishBytes,
    underWay: new UnderWay(MAX_UNDER_WAY_BYTES),
    timeoutMs: config.publishTimeoutMs,
    values,
    flow,
  };
  const streamOf = (name: string) => streamNamed(streams, name);
  const upload = new Upload(producer, running, reader, { metrics, log, rejects }, publish);
  const keyed = new KeyedUpload({ keys, jobs, leases }, upload);
  const stores = { jobs, leases, rejects, letters };
  const reopener = new JobReopener({ ...stores, keys }, reader);
  const repair = new Repair(stores, reopener, producer, streamOf, publish);
  return { publish, upload, keyed, repair, reopener, streamOf };
}

/** What makes records, and proves them. */
function generatingOf(
  { connections: { store, producer }, streams, track, metrics, log }: PublishingContext,
  publish: PublishOptions,
  tableByStream: ReadonlyMap<string, RecordTable>,
) {
  const { jobs, letters, running, claims, reader, stopper } = track;
  const latencies = new RunLatencies(new LatencyRepository(store), tableByStream, log);
  const parts = { streams, producer, jobs: running, claims, reader, stopper, latencies, metrics, log };
  const runs = new Runs(parts, publish);
  return { runs, verifier: new RunVerifier({ streams, runs, jobs, letters, tableByStream, latencies }) };
}

interface ReconcilerContext extends PublishingContext {
  readonly schemas: SchemaCatalog;
  readonly tableByStream: ReadonlyMap<string, RecordTable>;
  readonly clock: WriteClock;
  readonly audit: OverruleRepository;
}

/** What holds tables against the log. */
function reconcilerOf(context: ReconcilerContext) {
  const { config, connections, streams, values, schemas, track, log, tableByStream, clock, audit } = context;
  const { store, producer, admin, topicLog } = connections;
  const { letters, offsets, openJobs } = track;
  const { publishTimeoutMs } = config;
  const runner = new StatementRunner(store);
  const sources = { streams, schemas, tableByStream, letters, openJobs, admin, offsets, topicLog, values };
  return new Reconciler({ ...sources, runner, producer, clock, audit, log, publishTimeoutMs });
}

interface TrackingContext {
  readonly config: IngestConfig;
  readonly connections: Connections;
  readonly clock: WriteClock;
  readonly streams: StreamRegistry;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** What knows of jobs, of the sinks and of how far they are. */
function trackingOf({ config, connections, clock, streams, metrics, log }: TrackingContext) {
  const { store, admin } = connections;
  const topics = streams.streams.map(({ topic }) => topic);
  const jobs = new JobRepository(store);
  const leases = new LeaseRepository(store);
  const keys = new IdempotencyKeyRepository(store);
  const letters = new DeadLetterRepository(store);
  const rejects = new RejectRepository(store);
  const workers = new Workers(new WorkerRepository(store));
  const { groupId, maxLagMs, maxLagRows, drainRateFloor } = config;
  const bounds = { groupId, topics, maxLagSeconds: maxLagMs / 1000, maxLagRows, drainRateFloor };
  const flow = new FlowControl(admin, bounds, { metrics, log }, () => workers.stoppedPartitions());
  const offsets = new CommittedOffsets(admin, groupId, topics);
  const outcomes = new Outcomes(offsets, letters, flow);
  const stops = new StopRepository(store);
  const running = new RunningJobs(jobs, leases, stops, () => clock.next(), log);
  const list = new JobList(store, jobs);
  const openJobs = new OpenJobs(list, leases);
  const reader = new JobReader({ jobs, list, leases }, running, outcomes);
  const stopper = new JobStopper(running, stops, reader);
  const claims = new RunClaims({ keys: new IdempotencyKeyRepository(store, CLAIM_TTL_S), jobs, leases, running });
  return { jobs, openJobs, leases, keys, letters, rejects, workers, flow, offsets, running, reader, stopper, claims };
}

/** What tells of jobs and of the sinks. */
const trackedParts = (
  { reader, keys, stopper, workers }: ReturnType<typeof trackingOf>,
  streams: StreamRegistry,
  store: CassandraSession,
): [InjectionToken, unknown][] => [
  [JobReader, reader],
  [JobSearch, new JobSearch(reader, keys)],
  [JobStopper, stopper],
  [Workers, workers],
  [StoppedPartitions, new StoppedPartitions(streams, workers, new PartitionOrderRepository(store))],
];

const tablesOf = (store: CassandraSession, { streams }: StreamRegistry): Map<string, RecordTable> =>
  new Map(streams.map(({ name, definition }) => [name, new RecordTable(store, definition)]));
