import { bytes, choice, duration, flag, integer, list, text, urls } from './setting.js';
import type { Settings } from './read-settings.js';

/** What both applications are told about the world around them. */
export const COMMON_SETTINGS = {
  host: text({ name: 'HOST', default: '127.0.0.1', description: 'Address to listen on.' }),
  allowUnauthenticated: flag({
    name: 'ALLOW_UNAUTHENTICATED',
    default: 'false',
    description: 'Lets HOST be other than loopback although the API has no keys.',
  }),
  logLevel: choice({
    name: 'LOG_LEVEL',
    default: 'info',
    of: ['debug', 'info', 'warn', 'error'],
    description: 'Least severe level that is logged.',
  }),
  brokers: list({
    name: 'KAFKA_BROKERS',
    default: '127.0.0.1:9092',
    description: 'Kafka bootstrap servers, host:port.',
  }),
  groupId: text({
    name: 'KAFKA_GROUP_ID',
    default: 'orderstream-sink',
    description: 'Consumer group of the sink workers; the API reads its offsets.',
  }),
  topicPrefix: text({
    name: 'KAFKA_TOPIC_PREFIX',
    default: '',
    description: 'Put before every topic name, for clusters that are shared.',
  }),
  streamsDir: text({
    name: 'STREAMS_DIR',
    default: '',
    description: 'Folder with definitions of your own streams (.json, .yaml, .yml), read at start; empty: none.',
  }),
  replicationFactor: integer({
    name: 'KAFKA_REPLICATION_FACTOR',
    default: '-1',
    unit: 'replicas',
    min: -1,
    max: 9,
    description: 'Replicas of topics that are created; -1 takes the default of the broker.',
  }),
  maxBatchBytes: bytes({
    name: 'KAFKA_MAX_BATCH_BYTES',
    default: '64MiB',
    description: 'Most bytes of one compressed batch once it is decompressed; a larger one stops its partition.',
  }),
  contactPoints: list({
    name: 'CASSANDRA_CONTACT_POINTS',
    default: '127.0.0.1:9042',
    description: 'Cassandra nodes to begin with, host:port.',
  }),
  localDataCenter: text({
    name: 'CASSANDRA_LOCAL_DATA_CENTER',
    default: 'datacenter1',
    description: 'Data centre whose nodes are used.',
  }),
  keyspace: text({ name: 'CASSANDRA_KEYSPACE', default: 'orderstream', description: 'Keyspace of all tables.' }),
  storeReplication: integer({
    name: 'CASSANDRA_REPLICATION_FACTOR',
    default: '1',
    unit: 'replicas',
    min: 1,
    max: 9,
    description: 'Replicas of the keyspace if it has to be created.',
  }),
  consistency: choice({
    name: 'CASSANDRA_CONSISTENCY',
    default: 'LOCAL_QUORUM',
    of: ['LOCAL_ONE', 'LOCAL_QUORUM', 'QUORUM', 'EACH_QUORUM', 'ALL', 'ONE'],
    description: 'Consistency level of reads and writes.',
  }),
  cassandraUser: text({ name: 'CASSANDRA_USER', default: '', description: 'User name, if Cassandra asks for one.' }),
  cassandraPassword: text({ name: 'CASSANDRA_PASSWORD', default: '', description: 'Password of that user.' }),
  registryUrls: urls({
    name: 'SCHEMA_REGISTRY_URL',
    default: '',
    description: 'Schema registry; with one, values are Avro. Several are asked in turn.',
  }),
  registryUsername: text({
    name: 'SCHEMA_REGISTRY_USERNAME',
    default: '',
    description: 'User name, if the registry asks for one.',
  }),
  registryPassword: text({ name: 'SCHEMA_REGISTRY_PASSWORD', default: '', description: 'Its password.' }),
  registryCa: text({
    name: 'SCHEMA_REGISTRY_CA',
    default: '',
    description: 'PEM file of the authorities that may sign for the registry; empty takes those of Node.',
  }),
  registryCert: text({
    name: 'SCHEMA_REGISTRY_CERT',
    default: '',
    description: 'PEM file of the certificate to show to the registry, if it asks for one.',
  }),
  registryKey: text({
    name: 'SCHEMA_REGISTRY_KEY',
    default: '',
    description: 'PEM file of the key of that certificate.',
  }),
  shutdownMs: duration({
    name: 'SHUTDOWN_TIMEOUT',
    default: '9s',
    minMs: 1000,
    maxMs: 60_000,
    description: 'Time to finish work after SIGTERM.',
  }),
} as const;

/** A faults list for settings that only together are wrong. */
export function unsafeBind(config: { host: string; allowUnauthenticated: boolean }): string | undefined {
  const loopback = config.host === 'localhost' || config.host === '::1' || config.host.startsWith('127.');
  if (loopback || config.allowUnauthenticated) return undefined;
  return (
    `HOST=${config.host} would let anyone on the network in, for there are no API keys. ` +
    'Listen on 127.0.0.1, or set ALLOW_UNAUTHENTICATED=true if something else keeps strangers out.'
  );
}

type CommonSettings = Settings<typeof COMMON_SETTINGS>;

/** How to reach Cassandra, in the words of `@orderstream/cassandra`. */
export const cassandraOptionsOf = (config: CommonSettings) => ({
  contactPoints: config.contactPoints,
  localDataCenter: config.localDataCenter,
  keyspace: config.keyspace,
  consistency: config.consistency,
  ...(config.cassandraUser !== '' && {
    credentials: { username: config.cassandraUser, password: config.cassandraPassword },
  }),
});

/** How to reach the schema registry, in the words of `@orderstream/schemas`; undefined: there is none. */
export function registryOptionsOf(config: CommonSettings) {
  if (config.registryUrls.length === 0) return undefined;
  const { registryUsername: username, registryPassword: password } = config;
  return {
    urls: config.registryUrls,
    ...(username !== '' && { credentials: { username, password } }),
    tls: {
      ...(config.registryCa !== '' && { ca: config.registryCa }),
      ...(config.registryCert !== '' && { cert: config.registryCert }),
      ...(config.registryKey !== '' && { key: config.registryKey }),
    },
  };
}

/** How to reach Kafka, in the words of `@orderstream/kafka`. */
export const kafkaOptionsOf = (config: CommonSettings, clientId: string) => ({
  brokers: config.brokers,
  clientId,
  maxBatchBytes: config.maxBatchBytes,
});
