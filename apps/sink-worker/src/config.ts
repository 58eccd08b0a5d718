import { registerAs } from '@nestjs/config';
import {
  bytes,
  COMMON_SETTINGS,
  duration,
  integer,
  port,
  readSettings,
  SettingsError,
  unsafeBind,
  type Settings,
} from '@orderstream/settings';

const SINK_SETTINGS = {
  ...COMMON_SETTINGS,
  port: port({ name: 'SINK_PORT', default: '3001', description: 'Port of health and metrics of the sink worker.' }),
  sessionTimeoutMs: duration({
    name: 'KAFKA_SESSION_TIMEOUT',
    default: '10s',
    minMs: 6000,
    maxMs: 300_000,
    description: 'Time after which Kafka gives the partitions of a silent worker to others.',
  }),
  maxBytesPerPartition: bytes({
    name: 'KAFKA_MAX_BYTES_PER_PARTITION',
    default: '256KiB',
    description: 'Most bytes of one partition in one fetch.',
  }),
  writeDeadlineMs: duration({
    name: 'WRITE_DEADLINE',
    default: '5s',
    minMs: 100,
    maxMs: 60_000,
    description: 'Longest wait for Cassandra in one go; then the partition pauses and tries again.',
  }),
  batchKeys: integer({
    name: 'WRITE_BATCH_KEYS',
    default: '10',
    unit: 'partition keys',
    min: 1,
    max: 1000,
    description: 'Most rows of one batch. Cassandra warns above unlogged_batch_across_partitions_warn_threshold.',
  }),
  batchBytes: bytes({
    name: 'WRITE_BATCH_BYTES',
    default: '5000',
    description: 'Most bytes of one batch. Cassandra warns above batch_size_warn_threshold.',
  }),
  maxInFlight: integer({
    name: 'WRITE_MAX_IN_FLIGHT',
    default: '64',
    unit: 'batches',
    min: 1,
    max: 1024,
    description: 'Batches on their way to Cassandra at once, over all partitions.',
  }),
  letterRetentionMs: duration({
    name: 'DEAD_LETTER_RETENTION',
    default: '2160h',
    minMs: 1000,
    maxMs: 630_720_000_000,
    description: 'How long a dead letter is kept in its table, whatever becomes of it; 90 days unless set.',
  }),
} as const;

/** Every variable the sink worker reads; `.env.example` is compared with this list. */
export const SETTINGS = Object.values(SINK_SETTINGS);

export type SinkConfig = Settings<typeof SINK_SETTINGS>;

/** Parsed once, frozen. Throws one error with everything that is wrong. */
export function readConfig(env: Readonly<NodeJS.ProcessEnv>): SinkConfig {
  const config = readSettings(SINK_SETTINGS, env);
  const unsafe = unsafeBind(config);
  if (unsafe) throw new SettingsError([unsafe]);
  if (config.writeDeadlineMs >= config.sessionTimeoutMs) {
    throw new SettingsError([
      'WRITE_DEADLINE must be shorter than KAFKA_SESSION_TIMEOUT, or a wait costs the partition.',
    ]);
  }
  return config;
}

/** The key under which `@nestjs/config` keeps the frozen value. */
export const sinkConfig = (config: SinkConfig) => registerAs('sink', () => config);
export const SINK_CONFIG = sinkConfig({} as SinkConfig).KEY;
