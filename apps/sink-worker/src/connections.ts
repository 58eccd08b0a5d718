import { createCassandra, type CassandraSession } from '@orderstream/cassandra';
import {
  BatchServerKafka,
  createKafka,
  createPartitionProducer,
  type BatchServerEvents,
  type Kafka,
  type PartitionProducer,
} from '@orderstream/kafka';
import type { Log, Metrics } from '@orderstream/observability';
import { RegistryClient } from '@orderstream/schemas';
import { cassandraOptionsOf, kafkaOptionsOf, registryOptionsOf } from '@orderstream/settings';
import type { SinkConfig } from './config.js';

export interface Connections {
  readonly store: CassandraSession;
  readonly kafka: Kafka;
  readonly producer: PartitionProducer;
  readonly consumer: BatchServerKafka;
  /** undefined: no schema registry is configured */
  readonly registry: RegistryClient | undefined;
  /** `listener` is told of each assignment before its first batch */
  readonly onAssignment: (listener: () => void) => void;
}

/** The clients of the worker, none of them connected yet; what happens on them is logged and counted here. */
export function connectionsOf(config: SinkConfig, metrics: Metrics, log: Log): Connections {
  const store = createCassandra({
    ...cassandraOptionsOf(config),
    requestTimeoutMs: config.writeDeadlineMs,
    onServerWarning: (warnings) => log.warn({ warnings }, 'Cassandra warns'),
  });
  const kafkaOptions = {
    ...kafkaOptionsOf(config, 'orderstream-sink'),
    log: (level: 'error' | 'warn' | 'info' | 'debug', message: string, fields: object) => log[level](fields, message),
  };
  const kafka = createKafka(kafkaOptions);
  const listeners: (() => void)[] = [];
  const consumer = new BatchServerKafka({
    kafka: kafkaOptions,
    groupId: config.groupId,
    sessionTimeoutMs: config.sessionTimeoutMs,
    maxBytesPerPartition: config.maxBytesPerPartition,
    closeDeadlineMs: Math.min(6_000, config.shutdownMs / 2),
    events: eventsOf(metrics, log, () => listeners.forEach((listener) => listener())),
  });
  const onAssignment = (listener: () => void) => void listeners.push(listener);
  const registryOptions = registryOptionsOf(config);
  const registry = registryOptions && new RegistryClient(registryOptions);
  return { store, kafka, producer: createPartitionProducer(kafka), consumer, registry, onAssignment };
}

function eventsOf({ counters, gauges, histograms }: Metrics, log: Log, onAssignment: () => void): BatchServerEvents {
  return {
    onJoin: (assignment) => {
      onAssignment();
      gauges.partitionsAssigned.set(Object.values(assignment).flat().length);
      gauges.partitionsWaiting.set(0);
      gauges.partitionsStopped.set(0);
      gauges.lagRows.reset();
      log.info({ assignment }, 'partitions assigned');
    },
    onBatch: ({ topic, partition, count, finished, lag }) => {
      counters.rowsConsumed.inc({ topic, partition }, count);
      histograms.consumeBatchRows.observe({ topic }, count);
      gauges.lagRows.set({ topic, partition }, lag);
      log.debug({ topic, partition, count, finished, lag }, 'batch');
    },
    onWait: ({ topic, partition, delayMs, attempt, reason }) => {
      counters.writeRetries.inc({ topic, reason });
      gauges.partitionsWaiting.inc();
      if (isWorthALine(attempt))
        log.warn({ topic, partition, delayMs: Math.round(delayMs), attempt, reason }, 'partition waits');
    },
    onResume: () => gauges.partitionsWaiting.dec(),
    onStop: ({ topic, partition, offset, error }) => {
      gauges.partitionsStopped.inc();
      log.error(
        { topic, partition, offset, error },
        'partition stopped: nobody knows this error. Mend its cause, then POST /streams/:name/partitions/:partition/retry to the API, or skip the record',
      );
    },
    onRestart: () => gauges.partitionsStopped.dec(),
    onAbandoned: ({ topic, partition, count }) =>
      log.info({ topic, partition, count }, 'batch abandoned, it comes again'),
    onWaiting: (error) => log.warn({ reason: (error as Error).message }, 'waiting for the consumer group'),
    onFatal: (error) => {
      log.fatal(
        { error },
        `the Kafka consumer ended for good: ${(error as Error).message}; this process ends with code 1, so that its supervisor starts it again`,
      );
      process.exitCode = 1;
      process.kill(process.pid, 'SIGTERM');
    },
  };
}

/** A long outage is one line at its beginning and then ever fewer. */
const isWorthALine = (attempt: number): boolean => (attempt & (attempt - 1)) === 0;
