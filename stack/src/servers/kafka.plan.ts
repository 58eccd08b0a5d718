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

export function kafkaPlan(options: StackOptions): ServerPlan {
  const home = join(options.dir, 'kafka');
  const config = join(home, 'server.properties');
  const logFile = join(options.dir, 'logs', 'kafka.log');
  const classPath = join(options.jarsDir, 'kafka', '*');
  const heapMb = options.kafkaHeapMb ?? KAFKA_HEAP_MB;
  const address = `${HOST}:${options.kafkaPort}`;
  const useInstead = `KAFKA_BROKERS=${address}`;
  return {
    name: 'kafka',
    title: 'Kafka',
    address,
    ports: [
      { port: options.kafkaPort, purpose: 'Kafka', variable: 'KAFKA_PORT', useInstead },
      { port: options.controllerPort, purpose: "Kafka's controller", variable: 'KAFKA_CONTROLLER_PORT' },
    ],
    folders: [home, join(home, 'data')],
    files: [{ path: config, text: serverProperties(options, join(home, 'data')) }],
    args: () => [...javaOptions(heapMb, logFile), '-cp', classPath, 'kafka.Kafka', config],
    logFile,
    outFile: join(options.dir, 'logs', 'kafka.out.log'),
    prepare: (java, signal) => formatOnce({ home, classPath, config }, java, signal),
    probe: (timeoutMs) => probeKafka({ host: HOST, port: options.kafkaPort }, timeoutMs),
  };
}

const javaOptions = (heapMb: number, logFile: string): string[] => [
  '-Xms256m',
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
function serverProperties(options: StackOptions, dataDir: string): string {
  const settings = {
    'node.id': 1,
    'process.roles': 'broker,controller',
    'controller.quorum.voters': `1@${HOST}:${options.controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://${HOST}:${options.kafkaPort},CONTROLLER://${HOST}:${options.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${HOST}:${options.kafkaPort}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': dataDir,
    'num.partitions': 3,
    'default.replication.factor': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 3,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 3,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 3,
    'group.initial.rebalance.delay.ms': 0,
    // After a SIGKILL the controller lets the broker in again only when its old session is over.
    'broker.session.timeout.ms': 4000,
    'broker.heartbeat.interval.ms': 500,
    // The defaults take 10 MiB of index per partition and 128 MiB of heap for compaction.
    'log.index.size.max.bytes': 2 * 1024 * 1024,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${String(value).replaceAll('\\', '\\\\')}\n`)
    .join('');
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
