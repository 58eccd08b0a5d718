import type { InjectionToken } from '@nestjs/common';
import {
  DeadLetterRepository,
  JobList,
  JobRepository,
  LeaseRepository,
  RecordTable,
  RejectRepository,
} from '@orderstream/cassandra';
import { createMetrics, METRICS, type Log } from '@orderstream/observability';
import { loadStreams, StreamRegistry } from '@orderstream/streams';
import { IngestService } from './accept/ingest.service.js';
import { Upload } from './accept/upload.js';
import type { IngestConfig } from './config.js';
import { connectionsOf } from './connections.js';
import { Runs } from './generate/runs.js';
import { Backends } from './operate/backends.js';
import { DeadLetters } from './operate/dead-letters.js';
import { Resources } from './operate/resources.js';
import { streamNamed } from './problems/stream-named.js';
import { SinglePublisher } from './publish/single-publisher.js';
import { WriteClock } from './publish/write-clock.js';
import { OrderLookup } from './query/order-lookup.js';
import { Rejects } from './reject/rejects.service.js';
import { Repair } from './reject/repair.js';
import { Startup } from './startup.js';
import { CommittedOffsets } from './track/committed-offsets.js';
import { JobReader } from './track/job-reader.js';
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
  const rejects = new RejectRepository(store);
  const topics = streams.streams.map(({ topic }) => topic);
  const outcomes = new Outcomes(new CommittedOffsets(admin, config.groupId, topics), letters);
  const running = new RunningJobs(jobs, leases, () => clock.next(), log);
  const reader = new JobReader({ jobs, list: new JobList(store, jobs), leases }, running, outcomes);

  const publish = {
    maxRows: config.publishRows,
    maxBytes: config.publishBytes,
    maxSendsPerPartition: SENDS_PER_PARTITION,
    timeoutMs: config.publishTimeoutMs,
  };
  const upload = new Upload(producer, running, reader, { metrics, log, rejects }, publish);
  const streamOf = (name: string) => streamNamed(streams, name);
  const repair = new Repair({ jobs, leases, rejects, letters }, reader, producer, streamOf, publish);
  const single = new SinglePublisher(producer, clock, config.publishTimeoutMs);
  const runs = new Runs({ streams, producer, jobs: running, reader, metrics, log }, publish);
  const tableByStream = new Map(
    streams.streams.map((stream) => [stream.name, new RecordTable(store, stream.definition)]),
  );
  const orderTables = streams.orderStreams.map(({ name }) => ({ stream: name, table: tableByStream.get(name)! }));
  const tables = [...tableByStream.values()];
  const prepared = [jobs, letters, rejects];

  return [
    [METRICS, metrics],
    [StreamRegistry, streams],
    [Backends, backends],
    [IngestService, new IngestService({ streams, backends, single, upload, reader }, config)],
    [Runs, runs],
    [JobReader, reader],
    [Rejects, new Rejects({ rejects, letters }, reader, repair, streamOf, config)],
    [OrderLookup, new OrderLookup(orderTables)],
    [DeadLetters, new DeadLetters(letters)],
    [Startup, new Startup(config, { streams, store, prepared, tables, kafka, producer, admin, backends }, log)],
    [Resources, new Resources({ runs, running, backends, producer, admin, store }, config.shutdownMs)],
  ];
}
