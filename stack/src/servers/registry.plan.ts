import { join } from 'node:path';
import { probeRegistry } from '../probes/registry.probe.js';
import { DEFAULT_REGISTRY_PORT, type StackOptions } from '../stack-options.js';
import { REGISTRY_HEAP_MB } from './heap.js';
import type { ServerPlan } from './server-plan.js';

const HOST = '127.0.0.1';
/** As `apicurio.version` in pom.xml; the archive names its jar by it. */
const RUNNER = 'apicurio-registry-app-3.0.9-runner.jar';
/** Where Apicurio speaks as Confluent's registry does. */
export const REGISTRY_PATH = '/apis/ccompat/v7';
/** What it keeps lies in Kafka, so that a kill loses nothing. */
const TOPIC_PREFIX = 'orderstream-registry';

/** Apicurio, one process. Its data are three topics of the Kafka at `brokers`. */
export function registryPlan(options: StackOptions, brokers: string): ServerPlan {
  const port = options.registryPort ?? DEFAULT_REGISTRY_PORT;
  const address = `${HOST}:${port}`;
  const logFile = join(options.dir, 'logs', 'registry.log');
  return {
    name: 'registry',
    title: 'Registry',
    address,
    ports: [
      {
        port,
        purpose: 'the schema registry',
        variable: 'REGISTRY_PORT',
        useInstead: `SCHEMA_REGISTRY_URL=http://${address}`,
      },
    ],
    folders: [],
    files: [],
    after: 'kafka',
    args: () => [
      `-Xmx${REGISTRY_HEAP_MB}m`,
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-XX:+ExitOnOutOfMemoryError',
      ...properties(port, brokers, logFile).map(([name, value]) => `-D${name}=${value}`),
      '-jar',
      join(options.jarsDir, 'registry', RUNNER),
    ],
    logFile,
    outFile: join(options.dir, 'logs', 'registry.out.log'),
    prepare: () => Promise.resolve(),
    probe: (timeoutMs) => probeRegistry({ host: HOST, port }, timeoutMs),
  };
}

const properties = (port: number, brokers: string, logFile: string): readonly (readonly [string, string])[] => [
  ['quarkus.http.host', HOST],
  ['quarkus.http.port', String(port)],
  ['quarkus.http.access-log.enabled', 'false'],
  ['quarkus.log.file.enable', 'true'],
  ['quarkus.log.file.path', logFile],
  ['quarkus.log.console.enable', 'false'],
  ['apicurio.storage.kind', 'kafkasql'],
  ['apicurio.kafkasql.bootstrap.servers', brokers],
  ['apicurio.kafkasql.topic', `${TOPIC_PREFIX}-journal`],
  ['apicurio.kafkasql.snapshots.topic', `${TOPIC_PREFIX}-snapshots`],
  ['apicurio.events.kafka.topic', `${TOPIC_PREFIX}-events`],
];
