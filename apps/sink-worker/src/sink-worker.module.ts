import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { TerminusModule } from '@nestjs/terminus';
import {
  CassandraSession,
  DeadLetterRepository,
  PartitionOrderRepository,
  RecordTable,
  ReplicaSets,
  RollupRepository,
  StatementRunner,
  WorkerRepository,
} from '@orderstream/cassandra';
import { BatchServerKafka, PartitionProducer, TopicIds } from '@orderstream/kafka';
import { createMetrics, METRICS, MetricsController, type Log, type Metrics } from '@orderstream/observability';
import { SchemaCatalog } from '@orderstream/schemas';
import { readDefinitionFiles } from '@orderstream/settings';
import { loadStreams, StreamRegistry } from '@orderstream/streams';
import { sinkConfig, type SinkConfig } from './config.js';
import { connectionsOf } from './connections.js';
import { PartitionTally } from './consume/partition-tally.js';
import { streamController } from './consume/stream-controller.js';
import { DerivedPublisher } from './derive/derived-publisher.js';
import { Backends } from './operate/backends.js';
import { HealthController } from './operate/health.controller.js';
import { PartitionOrders } from './operate/partition-orders.js';
import { Resources } from './operate/resources.js';
import { WorkerReport } from './operate/worker-report.js';
import { WorkerStatusSource } from './operate/worker-status.js';
import { Pipeline } from './pipeline.js';
import { DeadLetterWriter } from './reject/dead-letter-writer.js';
import { Rejecter } from './reject/rejecter.js';
import { BucketWriter } from './rollup/bucket-writer.js';
import { Rollup } from './rollup/rollup.js';
import { Startup } from './startup.js';
import type { Route } from './write/bind-statements.js';
import { CassandraWriter } from './write/cassandra-writer.js';

/** Wiring only: which part is given to which. Nothing connects before `Startup` runs. */
@Module({})
export class SinkWorkerModule {
  static register(config: SinkConfig, log: Log): DynamicModule {
    const { topicPrefix, keyspace, streamsDir } = config;
    const files = readDefinitionFiles(streamsDir);
    const streams = new StreamRegistry(loadStreams({ topicPrefix, keyspace, files }));
    return {
      module: SinkWorkerModule,
      imports: [
        ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, load: [sinkConfig(config)] }),
        TerminusModule.forRoot({ logger: false }),
      ],
      controllers: [
        ...streams.streams.map(({ topic }) => streamController(topic)),
        HealthController,
        MetricsController,
      ],
      providers: providersOf(config, streams, log),
    };
  }
}

function providersOf(config: SinkConfig, streams: StreamRegistry, log: Log): Provider[] {
  const metrics = createMetrics('sink-worker');
  const { store, kafka, producer, consumer, registry, onAssignment } = connectionsOf(config, metrics, log);
  const routes = new Map<string, Route>(
    streams.streams.map((stream) => [stream.topic, { stream, table: new RecordTable(store, stream.definition) }]),
  );
  const tally = new PartitionTally();
  const limits = { maxKeys: config.batchKeys, maxBytes: config.batchBytes, maxInFlight: config.maxInFlight };
  const [runner, replicas] = [new StatementRunner(store), new ReplicaSets(store)];
  const writer = new CassandraWriter(runner, replicas, metrics, limits);
  const letters = new DeadLetterRepository(store, Math.ceil(config.letterRetentionMs / 1000));
  const letterWriter = new DeadLetterWriter(letters, producer, metrics, log);
  const schemas = new SchemaCatalog(registry);
  const rollups = new RollupRepository(store);
  const topicIds = new TopicIds(kafka);
  const bucketWriter = new BucketWriter(runner, replicas, limits);
  const rollup = new Rollup({ store: rollups, writer: bucketWriter, askTopicId: (topic) => topicIds.idOf(topic) });
  onAssignment(() => rollup.newAssignment());
  const deriver = new DerivedPublisher(producer, metrics);
  const stages = { schemas, writer, deriver, rejecter: new Rejecter(letterWriter), rollup };
  const pipeline = new Pipeline(routes, stages, { tally, metrics }, config.writeDeadlineMs);
  const status = new WorkerStatusSource(consumer, tally, metrics);
  const orderParts = { orders: new PartitionOrderRepository(store), consumer, letters: letterWriter, streams };
  const orders = new PartitionOrders(orderParts, log);
  const report = new WorkerReport(new WorkerRepository(store), status, orders, `${config.host}:${config.port}`, log);
  const prepared = [letters, rollups];
  return [
    value(StreamRegistry, streams),
    value(METRICS, metrics satisfies Metrics),
    value(CassandraSession, store),
    value(PartitionProducer, producer),
    value(BatchServerKafka, consumer),
    value(PartitionTally, tally),
    value(Backends, new Backends(store, schemas)),
    value(Pipeline, pipeline),
    value(Startup, new Startup(config, streams, { store, routes, prepared, kafka, producer, report }, log)),
    value(WorkerReport, report),
    value(Resources, new Resources(store, producer, topicIds, registry)),
  ];
}

const value = (provide: Exclude<Provider, { provide: unknown }> | symbol, useValue: unknown): Provider => ({
  provide,
  useValue,
});
