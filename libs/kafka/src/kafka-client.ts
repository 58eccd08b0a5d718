import { randomInt } from 'node:crypto';
import kafkajs, { type Kafka, type LogEntry, type SASLOptions } from 'kafkajs';
import type { ConnectionOptions } from 'node:tls';
import { installCodecs, MAX_BATCH_BYTES } from './codecs/install-codecs.js';
import { installRecords } from './records/install-records.js';

export type KafkaLogLevel = 'error' | 'warn' | 'info' | 'debug';

/** Takes one log line of kafkajs. `fields` holds the namespace (`Consumer`, `Connection`, …) and what kafkajs adds. */
export type KafkaLog = (
  level: KafkaLogLevel,
  message: string,
  fields: Readonly<Record<string, unknown>> & { readonly namespace: string },
) => void;

export interface KafkaSasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

export interface KafkaOptions {
  /** `host:port` of one or more brokers; the rest of the cluster is found through them */
  readonly brokers: readonly string[];
  /** shown in the broker's logs and quotas */
  readonly clientId: string;
  /** true: TLS with the system's roots; an object: TLS with these options. Default: plain text */
  readonly ssl?: boolean | ConnectionOptions;
  readonly sasl?: KafkaSasl;
  /** where kafkajs logs to. Default: nowhere */
  readonly log?: KafkaLog;
  /** the least severe level that is logged. Default `warn` */
  readonly logLevel?: KafkaLogLevel;
  /** ms until a connection attempt is given up. Default 3,000 */
  readonly connectionTimeoutMs?: number;
  /** ms until an unanswered request is given up. Default 15,000 */
  readonly requestTimeoutMs?: number;
  /** bytes of one compressed batch once it is decompressed; the last client that is made decides for its process. Default 67,108,864 */
  readonly maxBatchBytes?: number;
}

/**
 * kafkajs's own retries are short and finite (about 2.5 s); the loops of this library go around them and can be aborted.
 * Every field is given, because kafkajs takes other defaults when NODE_ENV is `test`.
 */
const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, factor: 0.2, multiplier: 2, retries: 5 } as const;

const LEVEL_NAME = new Map<number, KafkaLogLevel>([
  [kafkajs.logLevel.ERROR, 'error'],
  [kafkajs.logLevel.WARN, 'warn'],
  [kafkajs.logLevel.INFO, 'info'],
  [kafkajs.logLevel.DEBUG, 'debug'],
]);

const LEVEL_NUMBER = {
  error: kafkajs.logLevel.ERROR,
  warn: kafkajs.logLevel.WARN,
  info: kafkajs.logLevel.INFO,
  debug: kafkajs.logLevel.DEBUG,
} as const;

/**
 * A kafkajs client; connects nothing by itself. Make one per consumer: consumers of one group on one client share
 * their committed offsets inside kafkajs.
 */
export function createKafka(options: KafkaOptions): Kafka {
  if (options.brokers.length === 0) throw new RangeError('No Kafka broker is given; name at least one as host:port');
  installCodecs(options.maxBatchBytes ?? MAX_BATCH_BYTES);
  installRecords();
  return new kafkajs.Kafka({
    brokers: oneAfterTheOther(options.brokers),
    clientId: options.clientId,
    ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
    ...(options.sasl === undefined ? {} : { sasl: options.sasl as SASLOptions }),
    connectionTimeout: options.connectionTimeoutMs ?? 3_000,
    authenticationTimeout: 10_000,
    requestTimeout: options.requestTimeoutMs ?? 15_000,
    retry: { ...RETRY },
    logLevel: LEVEL_NUMBER[options.logLevel ?? 'warn'],
    logCreator: () => (entry) => forward(entry, options.log),
  });
}

/**
 * kafkajs asks for its bootstrap brokers whenever it opens a client, and stays with the first of the list when that one
 * takes connections and hangs up, as a load balancer before a dead broker does. So each time it is given one, the next
 * one, and the loops around it open a new client for each attempt.
 */
function oneAfterTheOther(brokers: readonly string[]): () => string[] {
  let next = randomInt(brokers.length);
  return () => [brokers[next++ % brokers.length]!];
}

function forward({ namespace, level, log }: LogEntry, to: KafkaLog | undefined): void {
  if (!to) return;
  const { message, timestamp: _timestamp, logger: _logger, ...fields } = log;
  to(LEVEL_NAME.get(level) ?? 'debug', message, { ...fields, namespace });
}

/** The part of `process` that prints warnings. */
export interface WarningEmitter {
  emitWarning: typeof process.emitWarning;
}

/**
 * kafkajs 2.2.4 starts a timer with a negative delay for every idle connection, and Node 24 warns about it once. It is
 * harmless. The `main.ts` of an app that uses Kafka calls this once, first; every other warning is printed as before.
 */
export function silenceTimeoutNegativeWarning(emitter: WarningEmitter = process): void {
  const print = emitter.emitWarning as (warning: string | Error, ...rest: unknown[]) => void;
  emitter.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (warningName(warning, rest[0]) === 'TimeoutNegativeWarning') return;
    print.call(emitter, warning, ...rest);
  };
}

function warningName(warning: string | Error, typeOrOptions: unknown): unknown {
  if (typeof warning !== 'string') return warning.name;
  if (typeof typeOrOptions === 'object' && typeOrOptions !== null) return (typeOrOptions as { type?: unknown }).type;
  return typeOrOptions;
}
