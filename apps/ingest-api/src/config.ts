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

const INGEST_SETTINGS = {
  ...COMMON_SETTINGS,
  port: port({ name: 'PORT', default: '3000', description: 'Port of the HTTP API.' }),
  maxBodyBytes: bytes({
    name: 'MAX_BODY_BYTES',
    default: '2GiB',
    description: 'Largest body as it is sent, compressed or not.',
  }),
  maxDecodedBytes: bytes({
    name: 'MAX_DECODED_BYTES',
    default: '8GiB',
    description: 'Largest body after gzip is undone.',
  }),
  maxGzipRatio: integer({
    name: 'MAX_GZIP_RATIO',
    default: '50',
    unit: 'decoded bytes per compressed byte',
    min: 2,
    max: 1000,
    description: 'Expansion above which a gzip body is taken for a bomb.',
  }),
  minUploadRate: integer({
    name: 'MIN_UPLOAD_RATE',
    default: '100',
    unit: 'bytes per second',
    min: 0,
    max: 1_000_000,
    description: 'Least rate at which a body has to come, or its upload is interrupted; 0 asks for none.',
  }),
  uploadRateWindowMs: duration({
    name: 'UPLOAD_RATE_WINDOW',
    default: '30s',
    minMs: 100,
    maxMs: 3_600_000,
    description:
      'Time over which that rate is measured. Only time in which the body is waited for counts, not what Kafka or the lag of the sink take.',
  }),
  maxUploads: integer({
    name: 'MAX_UPLOADS',
    default: '32',
    unit: 'uploads',
    min: 1,
    max: 10_000,
    description: 'Uploads and repairs received at once; more get 429.',
  }),
  maxTails: integer({
    name: 'MAX_TAILS',
    default: '20',
    unit: 'connections',
    min: 1,
    max: 10_000,
    description: 'Tails (GET /streams/:name/tail) that are open at once; more get 429.',
  }),
  publishRows: integer({
    name: 'PUBLISH_BATCH_ROWS',
    default: '1000',
    unit: 'rows',
    min: 1,
    max: 10_000,
    description: 'Most rows of one send to Kafka.',
  }),
  publishBytes: bytes({
    name: 'PUBLISH_BATCH_BYTES',
    default: '512KiB',
    description: 'Most bytes of one send to Kafka.',
  }),
  publishTimeoutMs: duration({
    name: 'PUBLISH_TIMEOUT',
    default: '2m',
    minMs: 1000,
    maxMs: 3_600_000,
    description: 'How long a send is tried again while Kafka is away, before its upload is given up.',
  }),
  maxLagMs: duration({
    name: 'MAX_LAG_SECONDS',
    default: '30',
    minMs: 1000,
    maxMs: 86_400_000,
    description:
      'Time the sink may be behind. From a fifth of it on uploads and runs are held back, and new uploads get 429.',
  }),
  maxLagRows: integer({
    name: 'MAX_LAG_ROWS',
    default: '1000000',
    unit: 'records',
    min: 1000,
    max: 2_000_000_000,
    description: 'Records the sink may be behind, over all partitions; beside MAX_LAG_SECONDS.',
  }),
  drainRateFloor: integer({
    name: 'DRAIN_RATE_FLOOR',
    default: '1000',
    unit: 'records per second and partition',
    min: 1,
    max: 1_000_000,
    description:
      'Least rate that the lag in seconds is worked out from: what a sink that has yet to start is trusted with.',
  }),
} as const;

/** Every variable the API reads; `.env.example` is compared with this list. */
export const SETTINGS = Object.values(INGEST_SETTINGS);

export type IngestConfig = Settings<typeof INGEST_SETTINGS>;

/** Parsed once, frozen. Throws one error with everything that is wrong. */
export function readConfig(env: Readonly<NodeJS.ProcessEnv>): IngestConfig {
  const config = readSettings(INGEST_SETTINGS, env);
  const unsafe = unsafeBind(config);
  if (unsafe) throw new SettingsError([unsafe]);
  return config;
}

/** Hands the frozen value to `@nestjs/config`, under whose key it is injected. */
export const ingestConfig = (config: IngestConfig) => registerAs('ingest', () => config);
export const INGEST_CONFIG = ingestConfig({} as IngestConfig).KEY;
