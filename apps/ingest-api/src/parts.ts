import type { InjectionToken } from '@nestjs/common';
import {
  DeadLetterRepository,
  IdempotencyKeyRepository,
  JobList,
  JobRepository,
  LeaseRepository,
  RecordTable,
  type CassandraSession,
} from '@orderstream/cassandra';
import { createMetrics, METRICS, type Log } from '@orderstream/observability';
import { loadStreams, StreamRegistry } from '@orderstream/streams';
import { IngestService } from './accept/ingest.service.js';
import { KeyedUpload } from './accept/keyed-upload.js';
import { Upload } from './accept/upload.js';
import type { IngestConfig } from './config.js';
import { connectionsOf } from './connections.js';
import { Runs } from './generate/runs.js';
import { Backends } from './operate/backends.js';
import { DeadLetters } from './operate/dead-letters.js';
import { Resources } from './operate/resources.js';
import { SinglePublisher } from './publish/single-publisher.js';
import { WriteClock } from './publish/write-clock.js';
import { queryPartsOf } from './query/query-parts.js';
import { Startup } from './startup.js';
import { CommittedOffsets } from './track/committed-offsets.js';
import { FlowControl } from './track/flow-control.js';
import { JobReader } from './track/job-reader.js';
import { JobSearch } from './track/job-search.js';
import { Outcomes } from './track/outcomes.js';
import { RunningJobs } from './track/running-jobs.js';

/** Sends of one job per partition before its source waits: one under way and one ready to follow it. */
const SENDS_PER_PARTITION = 2;

/** Every part of the API with what it is made of, and the token it is injected by. */
export function partsOf(config: IngestConfig, log: Log): [InjectionToken, unknown][] {
  const metrics = createMetrics('ingest-api');
  const streams = new StreamRegistry(loadStreams({ topicPrefix: config.topicPrefix }));
  const { store, kafka, producer, admin, records } = connectionsOf(config, metrics, log);
  const backends = new Backends(store, admin);
  const clock = new WriteClock();

  const jobs = new JobRepository(store);
  const leases = new LeaseRepository(store);
  const keys = new IdempotencyKeyRepository(store);
  const letters = new DeadLetterRepository(store);
  const topics = streams.streams.map(({ topic }) => topic);
  const { groupId, maxLagMs, maxLagRows, drainRateFloor } = config;
  const bounds = { groupId, topics, maxLagSeconds: maxLagMs / 1000, maxLagRows, drainRateFloor };
  const flow = new FlowControl(admin, bounds, { metrics, log });
  const offsets = new CommittedOffsets(admin, groupId, topics);
  const outcomes = new Outcomes(offsets, letters, flow);
  const running = new RunningJobs(jobs, leases, () => clock.next(), log);
  const reader = new JobReader({ jobs, list: new JobList(store, jobs), leases }, running, outcomes);

  const publish = {
    maxRows: config.publishRows,
    maxBytes: config.publishBytes,
    maxSendsPerPartition: SENDS_PER_PARTITION,
    timeoutMs: config.publishTimeoutMs,
    flow,
  };
  const upload = new Upload(producer, running, reader, { metrics, log }, publish);
  const keyed = new KeyedUpload({ keys, jobs, leases }, upload);
  const single = new SinglePublisher(producer, clock, config.publishTimeoutMs);
  const runs = new Runs({ streams, producer, jobs: running, reader, metrics, log }, publish);
  const tableByStream = tablesOf(store, streams);
  const tables = [...tableByStream.values()];
  const prepared = [jobs, letters];

  return [
    [METRICS, metrics],
    [StreamRegistry, streams],
    [Backends, backends],
    [IngestService, new IngestService({ streams, backends, single, upload, keyed, reader, flow }, config)],
    [Runs, runs],
    [JobReader, reader],
    [JobSearch, new JobSearch(reader, keys)],
    [RunningJobs, running],
    ...queryPartsOf({ streams, tableByStream, jobs, reader, letters, admin, records, offsets, flow }),
    [DeadLetters, new DeadLetters(letters)],
    [Startup, new Startup(config, { streams, store, prepared, tables, kafka, producer, admin, backends, flow }, log)],
    [Resources, new Resources({ runs, running, backends, flow, producer, admin, store }, config.shutdownMs)],
  ];
}

const tablesOf = (store: CassandraSession, { streams }: StreamRegistry): Map<string, RecordTable> =>
  new Map(streams.map(({ name, definition }) => [name, new RecordTable(store, definition)]));
