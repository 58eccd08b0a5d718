import {
  connectWhenReady,
  migrate,
  type CassandraSession,
  type RecordTable,
  type Waiting,
} from '@orderstream/cassandra';
import { ensureTopics, topicWarnings, type Kafka, type KafkaAdmin, type PartitionProducer } from '@orderstream/kafka';
import type { Log } from '@orderstream/observability';
import { topicsOf, type StreamRegistry } from '@orderstream/streams';
import type { IngestConfig } from './config.js';
import type { Backends } from './operate/backends.js';
import type { StreamSchemas } from './publish/stream-schemas.js';
import type { FlowControl } from './track/flow-control.js';

export interface StartupParts {
  readonly streams: StreamRegistry;
  readonly store: CassandraSession;
  /** whatever has statements to prepare */
  readonly prepared: readonly { prepareAll(): Promise<void> }[];
  readonly tables: readonly RecordTable[];
  readonly kafka: Kafka;
  readonly producer: PartitionProducer;
  readonly admin: KafkaAdmin;
  readonly backends: Backends;
  readonly flow: FlowControl;
  readonly schemas: StreamSchemas;
  /** begins once both ends are there */
  readonly redrives: { watch(): void };
}

/** Brings both ends, and the schema registry where there is one, up behind an API that already answers its health; waits for each as long as it takes. */
export class Startup {
  constructor(
    private readonly config: IngestConfig,
    private readonly parts: StartupParts,
    private readonly log: Log,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.openStore(signal), this.openBroker(signal), this.registerSchemas(signal)]);
    await this.parts.backends.watch();
    this.parts.flow.start();
    this.parts.backends.started = true;
    this.parts.redrives.watch();
    this.parts.backends.waitingFor = undefined;
    this.log.info({ streams: this.parts.streams.streams.map(({ name }) => name) }, 'ready');
  }

  private async openStore(signal: AbortSignal): Promise<void> {
    const { store, streams, prepared } = this.parts;
    const sayWaiting = ({ error }: Waiting) => this.sayWaiting('Cassandra', this.config.contactPoints, error);
    await connectWhenReady(store, signal, sayWaiting);
    const definitions = streams.streams.map(({ definition }) => definition);
    this.log.info({ cluster: await store.clusterName(), keyspace: this.config.keyspace }, 'Cassandra is there');
    const ran = await migrate(store, { streams: definitions, replication: this.config.storeReplication, signal });
    if (ran.length > 0) this.log.info({ keyspace: this.config.keyspace, migrations: ran }, 'migrated');
    for (const each of [...prepared, ...this.parts.tables]) await each.prepareAll();
  }

  private async openBroker(signal: AbortSignal): Promise<void> {
    const { kafka, producer, admin, streams } = this.parts;
    const { replicationFactor } = this.config;
    const onWaiting = (error: unknown) => this.sayWaiting('Kafka', this.config.brokers, error);
    const specs = streams.streams
      .flatMap(({ definition }) => topicsOf(definition))
      .map((spec) => ({ ...spec, replicationFactor }));
    const reports = await ensureTopics(kafka, specs, { signal, onWaiting });
    for (const { fields, message } of reports.flatMap(topicWarnings)) this.log.warn(fields, message);
    await producer.connect(signal);
    await admin.connect(signal, onWaiting);
  }

  private async registerSchemas(signal: AbortSignal): Promise<void> {
    const { schemas, streams } = this.parts;
    const at = schemas.addresses;
    await schemas.register(signal, (error) => this.sayWaiting('the schema registry', at, error));
    if (at.length === 0) return;
    const ids = streams.streams.map((stream) => [stream.name, schemas.of(stream).id]);
    this.log.info({ at, ids: Object.fromEntries(ids) as object }, 'schemas are registered; values are Avro');
  }

  private sayWaiting(what: string, where: readonly string[], error: unknown): void {
    this.parts.backends.waitingFor = `waiting for ${what}`;
    this.log.warn({ at: where, reason: (error as Error).message }, `waiting for ${what}`);
  }
}
