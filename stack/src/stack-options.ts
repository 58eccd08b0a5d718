import { resolve } from 'node:path';

export type ServerName = 'kafka' | 'cassandra' | 'registry';

/** Which servers to run, where their data is and on which loopback ports they listen. */
export interface StackOptions {
  /** Data, configuration, logs and process records. Created when absent. */
  readonly dir: string;
  /** Jars of the servers; may be shared by several `dir`s. */
  readonly jarsDir: string;
  readonly kafkaPort: number;
  readonly controllerPort: number;
  readonly cqlPort: number;
  readonly storagePort: number;
  /** Port of the schema registry. Default 8081. */
  readonly registryPort?: number;
  /**
   * A second listener of Kafka at `port`, which tells its clients that it is at `advertisedPort`: a proxy there stands
   * in front of the broker for whoever comes that way. Default: none.
   */
  readonly kafkaFaults?: { readonly port: number; readonly advertisedPort: number };
  /** MiB. Default 512. */
  readonly kafkaHeapMb?: number;
  /** MiB. Default: a twelfth of the machine's memory, at least 512, at most 2048. */
  readonly cassandraHeapMb?: number;
  /**
   * When Cassandra acknowledges a write: `batch` after its commit log is on the disk, so that a SIGKILL loses nothing;
   * `periodic` before, as clusters with several replicas do. Default `batch`.
   */
  readonly commitlogSync?: 'batch' | 'periodic';
  /** false: no Kafka of ours. Default true. */
  readonly kafka?: boolean;
  /** false: no Cassandra of ours. Default true. */
  readonly cassandra?: boolean;
  /** true: a schema registry of ours too, which keeps its data in Kafka. Default false. */
  readonly registry?: boolean;
  /** Brokers to use instead of our own (host:port, comma-separated); they are only asked whether they answer. */
  readonly externalBrokers?: string;
  /** Cassandra nodes to use instead of our own; they are only asked whether they answer. */
  readonly externalContactPoints?: string;
  /** Schema registries to use instead of our own (URLs, comma-separated); only the applications ask them. */
  readonly externalRegistry?: string;
  /** The Java to use, `<javaHome>/bin/java`. Default: the one on the PATH. */
  readonly javaHome?: string;
  /** true: the servers are meant to outlive their starter (`npm run stack -- up`). Default false. */
  readonly keep?: boolean;
}

/** What a call to `startStack` takes besides the options that are written down. */
export interface StartOptions extends StackOptions {
  /** Gets one line per finished step. Default: silent. */
  readonly log?: (line: string) => void;
  /** Ends the start: what it started is stopped, the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** `dir` and `jarsDir` made absolute. Throws on characters that Java and Kafka take for separators. */
export function checkedOptions(options: StartOptions): StackOptions {
  const { log: _log, signal: _signal, ...plain } = options;
  const checked = { ...plain, dir: resolve(options.dir), jarsDir: resolve(options.jarsDir) };
  for (const path of [checked.dir, checked.jarsDir]) {
    if (/[,:*\n]/.test(path)) {
      throw new Error(
        `The path ${path} has a comma, colon or asterisk, which Java and Kafka read as separators. Set STACK_DIR to another folder.`,
      );
    }
  }
  return checked;
}

export const wantsKafka = (o: StackOptions): boolean => o.kafka !== false && o.externalBrokers === undefined;
export const wantsCassandra = (o: StackOptions): boolean =>
  o.cassandra !== false && o.externalContactPoints === undefined;
export const wantsRegistry = (o: StackOptions): boolean => o.registry === true && o.externalRegistry === undefined;

export const DEFAULT_REGISTRY_PORT = 8081;
