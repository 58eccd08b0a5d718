import type { InjectionToken } from '@nestjs/common';
import {
  DeadLetterRepository,
  JobList,
  JobRepository,
  LatencyRepository,
  LeaseRepository,
  RecordTable,
  StopRepository,
} from '@orderstream/cassandra';
import { createMetrics, METRICS, type Log } from '@orderstream/observability';
import { loadStreams, StreamRegistry } from '@orderstream/streams';
import { IngestService } from './accept/ingest.service.js';
import { Upload } from './accept/upload.js';
import type { IngestConfig } from './config.js';
import { connectionsOf } from './connections.js';
import { RunLatencies } from './generate/run-latencies.js';
import { RunVerifier } from './generate/run-verifier.js';
import { Runs } from './generate/runs.js';
import { Backends } from './operate/backends.js';
import { DeadLetters } from './operate/dead-letters.js';
import { Resources } from './operate/resources.js';
import { SinglePublisher } from './publish/single-publisher.js';
import { WriteClock } from './publish/write-clock.js';
import { OrderLookup } from './query/order-lookup.js';
import { Startup } from './startup.js';
import { CommittedOffsets } from './track/committed-offsets.js';
import { JobReader } from './track/job-reader.js';
import { JobStopper } from './track/job-stopper.js';
import { Outcomes } from './track/outcomes.js';
import { RunningJobs } from './track/running-jobs.js';

/** Sends of one job per partition before its source waits: one under way and one ready to follow it. */
const SENDS_PER_PARTITION = 2;

/** Every part of the API with what it is made of, and the token it is injected by. */
export function partsOf(config: IngestConfig, log: Log): [InjectionToken, unknown][] {
  const metrics = createMetrics('ingest-api');
  const streams = new StreamRegistry(loadStreams({ topicPrefix: config.topicPrefix }));
  const { store, kafka, producer, admin } = connectionsOf(config, metrics, log);
  const backends = new Backends(store, admin);
  const clock = new WriteClock();

  const jobs = new JobRepository(store);
  const leases = new LeaseRepository(store);
  const letters = new DeadLetterRepository(store);
  const topics = streams.streams.map(({ topic }) => topic);
  const outcomes = new Outcomes(new CommittedOffsets(admin, config.groupId, topics), letters);
  const stops = new StopRepository(store);
  const running = new RunningJobs(jobs, leases, stops, () => clock.next(), log);
  const reader = new JobReader({ jobs, list: new JobList(store, jobs), leases }, running, outcomes);

  const publish = {
    maxRows: config.publishRows,
    maxBytes: config.publishBytes,
    maxSendsPerPartition: SENDS_PER_PARTITION,
    timeoutMs: config.publishTimeoutMs,
  };
  const upload = new Upload(producer, running, reader, { metrics, log }, publish);
  const single = new SinglePublisher(producer, clock, config.publishTimeoutMs);
  const tableByStream = new Map(
    streams.streams.map((stream) => [stream.name, new RecordTable(store, stream.definition)]),
  );
  const stopper = new JobStopper(running, stops, reader);
  const latencies = new RunLatencies(new LatencyRepository(store), tableByStream, log);
  const runs = new Runs({ streams, producer, jobs: running, reader, stopper, latencies, metrics, log }, publish);
  const verifier = new RunVerifier({ streams, runs, jobs, letters, tableByStream, latencies });
  const orderTables = streams.orderStreams.map(({ name }) => ({ stream: name, table: tableByStream.get(name)! }));
  const tables = [...tableByStream.values()];
  const prepared = [jobs, letters];

  return [
    [METRICS, metrics],
    [StreamRegistry, streams],
    [Backends, backends],
    [IngestService, new IngestService({ streams, backends, single, upload, reader }, config)],
    [Runs, runs],
    [RunVerifier, verifier],
    [JobReader, reader],
    [OrderLookup, new OrderLookup(orderTables)],
    [DeadLetters, new DeadLetters(letters)],
    [Startup, new Startup(config, { streams, store, prepared, tables, kafka, producer, admin, backends }, log)],
    [Resources, new Resources({ runs, running, backends, producer, admin, store }, config.shutdownMs)],
  ];
}
