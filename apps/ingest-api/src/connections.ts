import { createCassandra, type CassandraSession } from '@orderstream/cassandra';
import {
  createKafka,
  createPartitionProducer,
  KafkaAdmin,
  LogReader,
  RecordReader,
  TopicIds,
  TopicFollower,
  type Kafka,
  type PartitionProducer,
  type ProducerEvents,
} from '@orderstream/kafka';
import type { Log, Metrics } from '@orderstream/observability';
import { RegistryClient } from '@orderstream/schemas';
import { cassandraOptionsOf, kafkaOptionsOf, registryOptionsOf } from '@orderstream/settings';
import type { IngestConfig } from './config.js';

export interface Connections {
  readonly store: CassandraSession;
  readonly kafka: Kafka;
  readonly producer: PartitionProducer;
  readonly admin: KafkaAdmin;
  /** reads records at given offsets; connects for each read */
  readonly records: RecordReader;
  /** reads whole stretches of a topic; connects for each scan */
  readonly topicLog: LogReader;
  /** undefined: no schema registry is configured */
  readonly registry: RegistryClient | undefined;
  readonly topicIds: TopicIds;
  /** reads topics as they grow; connects for each */
  readonly follower: TopicFollower;
}

/** The clients of the API, none of them connected yet; what happens on them is logged and counted here. */
export function connectionsOf(config: IngestConfig, metrics: Metrics, log: Log): Connections {
  const store = createCassandra({
    ...cassandraOptionsOf(config),
    onServerWarning: (warnings) => log.warn({ warnings }, 'Cassandra warns'),
  });
  const openKafka = (): Kafka =>
    createKafka({
      ...kafkaOptionsOf(config, 'orderstream-api'),
      log: (level, message, fields) => log[level](fields, message),
    });
  const kafka = openKafka();
  const producer = createPartitionProducer(kafka, { events: eventsOf(metrics, log) });
  const records = new RecordReader(openKafka, { groupPrefix: `${config.groupId}-reader` });
  const topicLog = new LogReader(openKafka, { groupPrefix: `${config.groupId}-reader` });
  const follower = new TopicFollower(openKafka, {
    groupPrefix: `${config.groupId}-tail`,
    onFailure: (error) => log.warn({ error }, 'a topic that is followed could not be read; it is tried again'),
  });
  const registryOptions = registryOptionsOf(config);
  const registry = registryOptions && new RegistryClient(registryOptions);
  const [admin, topicIds] = [new KafkaAdmin(kafka), new TopicIds(kafka)];
  return { store, kafka, producer, admin, records, topicLog, registry, topicIds, follower };
}

function eventsOf({ counters, histograms }: Metrics, log: Log): ProducerEvents {
  return {
    onAcknowledged: ({ topic, partition, count, latencyMs }) => {
      counters.rowsPublished.inc({ topic, partition }, count);
      histograms.publishSeconds.observe({ topic }, latencyMs / 1000);
      histograms.publishBatchRows.observe({ topic }, count);
    },
    onRetry: ({ topic, partition, attempt, error }) => {
      counters.publishRetries.inc({ topic });
      if (attempt > 1) return;
      log.warn({ topic, partition, reason: error.message }, 'Kafka did not take a send; it is tried again');
    },
    onPartitionCountChanged: (change) =>
      log.warn(change, 'the number of partitions changed: new records of a key may go to another partition'),
  };
}
