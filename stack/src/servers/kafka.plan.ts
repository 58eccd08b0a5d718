import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Java } from '../java/java.js';
import { configFile } from '../paths.js';
import { probeKafka } from '../probes/kafka.probe.js';
import type { StackOptions } from '../stack-options.js';
import { KAFKA_HEAP_MB } from './heap.js';
import type { ServerPlan } from './server-plan.js';

const run = promisify(execFile);
const HOST = '127.0.0.1';
/** 22 characters of base64: any 16 bytes. One machine's cluster needs no other. */
const CLUSTER_ID = 'b3JkZXJzdHJlYW0tc3RhYw';

/** A broker among the brokers of its cluster. */
export interface KafkaMember {
  readonly nodeId: number;
  /** controllers of all brokers, itself among them: host:port by node id */
  readonly controllerByNode: ReadonlyMap<number, string>;
}

/** One broker: alone, or one of a cluster. */
export function kafkaPlan(options: StackOptions, member: KafkaMember = aloneOn(options)): ServerPlan {
  const home = join(options.dir, 'kafka');
  const config = join(home, 'server.properties');
  const logFile = join(options.dir, 'logs', 'kafka.log');
  const classPath = join(options.jarsDir, 'kafka', '*');
  const heapMb = options.kafkaHeapMb ?? KAFKA_HEAP_MB;
  const address = `${HOST}:${options.kafkaPort}`;
  const useInstead = `KAFKA_BROKERS=${address}`;
  const inCluster = member.controllerByNode.size > 1;
  return {
    name: 'kafka',
    title: inCluster ? `Kafka broker ${member.nodeId}` : 'Kafka',
    address,
    ports: [
      { port: options.kafkaPort, purpose: 'Kafka', variable: 'KAFKA_PORT', useInstead },
      { port: options.controllerPort, purpose: "Kafka's controller", variable: 'KAFKA_CONTROLLER_PORT' },
    ],
    folders: [home, join(home, 'data')],
    files: [{ path: config, text: serverProperties(options, member, join(home, 'data')) }],
    args: () => [
      ...javaOptions(heapMb, logFile),
      ...(inCluster ? ['-XX:+UseSerialGC'] : []),
      '-cp',
      classPath,
      'kafka.Kafka',
      config,
    ],
    logFile,
    outFile: join(options.dir, 'logs', 'kafka.out.log'),
    prepare: (java, signal) => formatOnce({ home, classPath, config }, java, signal),
    probe: (timeoutMs) => probeKafka({ host: HOST, port: options.kafkaPort }, timeoutMs),
  };
}

const javaOptions = (heapMb: number, logFile: string): string[] => [
  `-Xms${Math.min(heapMb, 256)}m`,
  `-Xmx${heapMb}m`,
  '-XX:+ExitOnOutOfMemoryError',
  '-Djava.awt.headless=true',
  `-Dlog4j2.configurationFile=${pathToFileURL(configFile('kafka-log4j2.xml')).href}`,
  `-Dorderstream.log=${logFile}`,
];

/**
 * The quorum is static (`controller.quorum.voters`): it is configuration, not data, so the ports can be moved and the
 * data stays readable.
 */
function serverProperties(options: StackOptions, member: KafkaMember, dataDir: string): string {
  const voters = [...member.controllerByNode].map(([id, at]) => `${id}@${at}`);
  const { listeners, advertised } = listenersOf(options);
  const replicas = Math.min(3, voters.length);
  const inSync = Math.max(1, replicas - 1);
  const settings = {
    'node.id': member.nodeId,
    'process.roles': 'broker,controller',
    'controller.quorum.voters': voters.join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: [...listeners, `CONTROLLER://${HOST}:${options.controllerPort}`].join(','),
    'advertised.listeners': advertised.join(','),
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,FAULTS:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': dataDir,
    'num.partitions': 3,
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 3,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': 3,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    'share.coordinator.state.topic.num.partitions': 3,
    ...(voters.length > 1 && QUICK_ELECTIONS),
    'group.initial.rebalance.delay.ms': 0,
    // After a SIGKILL the controller lets the broker in again only when its old session is over.
    'broker.session.timeout.ms': voters.length > 1 ? 3000 : 4000,
    'broker.heartbeat.interval.ms': 500,
    // The defaults take 10 MiB of index per partition and 128 MiB of heap for compaction.
    'log.index.size.max.bytes': 2 * 1024 * 1024,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${String(value).replaceAll('\\', '\\\\')}\n`)
    .join('');
}

/** A leader that was killed has a successor within seconds. */
const QUICK_ELECTIONS = {
  'controller.quorum.election.timeout.ms': 500,
  'controller.quorum.fetch.timeout.ms': 1000,
} as const;

const aloneOn = ({ controllerPort }: StackOptions): KafkaMember => ({
  nodeId: 1,
  controllerByNode: new Map([[1, `${HOST}:${controllerPort}`]]),
});

/** Where the broker listens for clients, and which address it tells them. */
function listenersOf({ kafkaPort, kafkaFaults }: StackOptions) {
  const listeners = [`PLAINTEXT://${HOST}:${kafkaPort}`];
  const advertised = [...listeners];
  if (kafkaFaults) {
    listeners.push(`FAULTS://${HOST}:${kafkaFaults.port}`);
    advertised.push(`FAULTS://${HOST}:${kafkaFaults.advertisedPort}`);
  }
  return { listeners, advertised };
}

interface Format {
  readonly home: string;
  readonly classPath: string;
  readonly config: string;
}

/** The mark is ours and comes last, so formatting that was cut short is done again; finished parts are kept. */
async function formatOnce({ home, classPath, config }: Format, java: Java, signal?: AbortSignal): Promise<void> {
  const mark = join(home, 'formatted');
  if (existsSync(mark)) return;
  const logging = `-Dlog4j2.configurationFile=${pathToFileURL(configFile('kafka-tool-log4j2.xml')).href}`;
  const tool = ['-XX:TieredStopAtLevel=1', logging, '-cp', classPath, 'kafka.tools.StorageTool'];
  const format = ['format', '-t', CLUSTER_ID, '-c', config, '--ignore-formatted'];
  await run(java.command, [...tool, ...format], { ...(signal && { signal }) });
  writeFileSync(mark, '');
}
