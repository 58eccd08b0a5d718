import { join } from 'node:path';
import { findJava, type Java } from './java/java.js';
import { assertPortsFree } from './ports/free-ports.js';
import { cassandraPlan } from './servers/cassandra.plan.js';
import { kafkaPlan } from './servers/kafka.plan.js';
import { ServerProcess, type RunningServer } from './servers/running-server.js';
import { provideJars, startAll, type Entry } from './servers/start-servers.js';
import { checkedOptions, type StackOptions, type StartOptions } from './stack-options.js';
import { StepLog } from './step-log.js';

export interface BrokerPorts {
  readonly port: number;
  readonly controllerPort: number;
  /** see `StackOptions.kafkaFaults` */
  readonly faults?: { readonly port: number; readonly advertisedPort: number };
}

/** Brokers and nodes on one machine, as small as they work. */
export interface ClusterOptions extends Pick<StartOptions, 'jarsDir' | 'javaHome' | 'log' | 'signal'> {
  /** Data, configuration and logs, a folder for each server. */
  readonly dir: string;
  /** One broker each on 127.0.0.1; none: no Kafka. */
  readonly brokers: readonly BrokerPorts[];
  /** Cassandra nodes on 127.0.1.1, 127.0.1.2, …; 0: no Cassandra. */
  readonly nodes: number;
  /** the same for every node */
  readonly cqlPort: number;
  readonly storagePort: number;
  /** true: node n tells its clients that it is at 127.0.2.n, where a proxy is to stand in front of it. */
  readonly proxiedNodes?: boolean;
}

export interface RunningCluster {
  /** bootstrap servers of the plain listeners */
  readonly brokers: string;
  /** addresses of the nodes as they tell them */
  readonly contactPoints: string;
  readonly kafka: readonly RunningServer[];
  readonly cassandra: readonly RunningServer[];
  stop(): Promise<void>;
}

const KAFKA_HEAP_MB = 256;
/** With 512 all three nodes of a long chaos run ended, one after the other, for want of heap. */
const CASSANDRA_HEAP_MB = 1024;

/** Where node n (from 1) listens, and where it tells clients that it is when a proxy stands there. */
export const nodeHost = (n: number): string => `127.0.1.${n}`;
export const proxiedNodeHost = (n: number): string => `127.0.2.${n}`;

/**
 * Starts a cluster in an empty `dir`: replication 3 and two in sync on the side of Kafka, one token range per node on
 * that of Cassandra. Rejects as `startStack` does; then nothing is left running.
 */
export async function startCluster(options: ClusterOptions): Promise<RunningCluster> {
  const steps = new StepLog(options.log);
  const java = await findJava(options.javaHome);
  const kafka = brokersOf(options, java);
  const cassandra = nodesOf(options, java);
  const entries = [...kafka, ...cassandra];
  for (const { plan } of entries) await assertPortsFree(plan.ports, plan.address.split(':')[0]);
  for (const { plan } of entries) await provideJars(plan, optionsOf(options, plan.name, {}), steps, options.signal);
  await startAll(entries, steps, options.signal);
  const host = options.proxiedNodes ? proxiedNodeHost : nodeHost;
  return {
    brokers: kafka.map(({ plan }) => plan.address).join(','),
    contactPoints: cassandra.map((_, n) => `${host(n + 1)}:${options.cqlPort}`).join(','),
    kafka: kafka.map(({ server }) => server),
    cassandra: cassandra.map(({ server }) => server),
    stop: async () => {
      await Promise.all(entries.map(({ server }) => server.stop()));
    },
  };
}

function brokersOf(options: ClusterOptions, java: Java): Entry[] {
  const controllerByNode = new Map(
    options.brokers.map(({ controllerPort }, n) => [n + 1, `127.0.0.1:${controllerPort}`]),
  );
  return options.brokers.map(({ port, controllerPort, faults }, n) => {
    const ports = { kafkaPort: port, controllerPort, ...(faults && { kafkaFaults: faults }) };
    const own = optionsOf(options, `kafka-${n + 1}`, ports);
    return entryOf(kafkaPlan(own, { nodeId: n + 1, controllerByNode }), own, java);
  });
}

function nodesOf(options: ClusterOptions, java: Java): Entry[] {
  return Array.from({ length: options.nodes }, (_, n) => {
    const own = optionsOf(options, `cassandra-${n + 1}`, {});
    const member = {
      number: n + 1,
      host: nodeHost(n + 1),
      ...(options.proxiedNodes && { advertisedHost: proxiedNodeHost(n + 1) }),
      // A node that is its own seed starts whether another answers or not.
      seeds: Array.from({ length: options.nodes }, (_seed, other) => nodeHost(other + 1)),
      token: evenToken(n, options.nodes),
    };
    return entryOf(cassandraPlan(own, member), own, java);
  });
}

const entryOf = (plan: Entry['plan'], { dir }: StackOptions, java: Java): Entry => ({
  plan,
  server: new ServerProcess(plan, { dir, java, keep: false }),
});

function optionsOf(
  { dir, jarsDir, cqlPort, storagePort }: ClusterOptions,
  name: string,
  own: Partial<StackOptions>,
): StackOptions {
  const ports = { kafkaPort: 0, controllerPort: 0, cqlPort, storagePort };
  const heaps = { kafkaHeapMb: KAFKA_HEAP_MB, cassandraHeapMb: CASSANDRA_HEAP_MB };
  return checkedOptions({ dir: join(dir, name), jarsDir, ...ports, ...heaps, ...own });
}

/** Murmur3 tokens reach from -2^63 to 2^63 - 1. */
const evenToken = (n: number, nodes: number): bigint => -(2n ** 63n) + (2n ** 64n * BigInt(n)) / BigInt(nodes);
