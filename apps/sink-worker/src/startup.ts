import { connectWhenReady, migrate, type CassandraSession, type Waiting } from '@orderstream/cassandra';
import { ensureTopics, topicWarnings, type Kafka, type PartitionProducer } from '@orderstream/kafka';
import type { Log } from '@orderstream/observability';
import { topicsOf, type StreamRegistry } from '@orderstream/streams';
import type { SinkConfig } from './config.js';
import type { Route } from './write/bind-statements.js';

/**
 * Brings the worker up in the only order that is safe: the store with its tables, then the topics, then the consumer.
 * It waits for each as long as it takes and says what it waits for.
 */
export class Startup {
  waitingFor: string | undefined;
  done = false;

  constructor(
    private readonly config: SinkConfig,
    private readonly streams: StreamRegistry,
    private readonly parts: {
      readonly store: CassandraSession;
      readonly routes: ReadonlyMap<string, Route>;
      readonly kafka: Kafka;
      readonly producer: PartitionProducer;
      /** whatever else has statements to prepare */
      readonly prepared: readonly { prepareAll(): Promise<void> }[];
      readonly report: { start(): void };
    },
    private readonly log: Log,
  ) {}

  async run(startConsumer: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
    await this.step('Cassandra', () => this.openStore(signal));
    await this.step('Kafka', () => this.openBroker(signal));
    this.parts.report.start();
    await this.step('the consumer group', startConsumer);
    this.done = true;
    this.log.info({ topics: [...this.parts.routes.keys()], group: this.config.groupId }, 'consuming');
  }

  private async step(what: string, work: () => Promise<unknown>): Promise<void> {
    this.waitingFor = `waiting for ${what}`;
    await work();
    this.waitingFor = undefined;
  }

  private async openStore(signal: AbortSignal): Promise<void> {
    const { store, routes, prepared } = this.parts;
    const sayWaiting = ({ error }: Waiting) => this.sayWaiting('Cassandra', this.config.contactPoints, error);
    await connectWhenReady(store, signal, sayWaiting);
    const definitions = this.streams.streams.map((stream) => stream.definition);
    this.log.info({ cluster: await store.clusterName(), keyspace: this.config.keyspace }, 'Cassandra is there');
    const ran = await migrate(store, { streams: definitions, replication: this.config.storeReplication, signal });
    if (ran.length > 0) this.log.info({ keyspace: this.config.keyspace, migrations: ran }, 'migrated');
    for (const { table } of routes.values()) await table.prepareAll();
    for (const each of prepared) await each.prepareAll();
  }

  private async openBroker(signal: AbortSignal): Promise<void> {
    const { kafka, producer } = this.parts;
    const { replicationFactor } = this.config;
    const topics = this.streams.streams.flatMap(({ definition }) => topicsOf(definition));
    const specs = topics.map((topic) => ({ ...topic, replicationFactor }));
    const onWaiting = (error: unknown) => this.sayWaiting('Kafka', this.config.brokers, error);
    const reports = await ensureTopics(kafka, specs, { signal, onWaiting });
    for (const { fields, message } of reports.flatMap(topicWarnings)) this.log.warn(fields, message);
    await producer.connect(signal);
  }

  private sayWaiting(what: string, where: readonly string[], error: unknown): void {
    this.log.warn({ at: where, reason: (error as Error).message }, `waiting for ${what}`);
  }
}
