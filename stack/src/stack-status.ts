import { join } from 'node:path';
import { liveRecord, readJson } from './process/process-record.js';
import { probeCassandra } from './probes/cql.probe.js';
import { probeKafka } from './probes/kafka.probe.js';
import { probeRegistry } from './probes/registry.probe.js';
import {
  DEFAULT_REGISTRY_PORT,
  wantsCassandra,
  wantsKafka,
  wantsRegistry,
  type ServerName,
  type StackOptions,
} from './stack-options.js';

export interface ServerStatus {
  readonly name: ServerName;
  readonly title: string;
  /** host:port for clients */
  readonly address: string;
  /** undefined: no process */
  readonly pid?: number;
  /** ISO 8601, of the process */
  readonly startedAt?: string;
  /** it answers its own protocol */
  readonly ready: boolean;
  readonly logFile: string;
}

const PROBE_TIMEOUT_MS = 2_000;

/** The servers of the stack in `dir` as they are now; empty when none was ever started. Needs no Java. */
export async function stackStatus(dir: string): Promise<readonly ServerStatus[]> {
  const options = readJson<StackOptions>(join(dir, 'stack.json'));
  if (!options) return [];
  const host = '127.0.0.1';
  const wanted: Array<Promise<ServerStatus>> = [];
  if (wantsKafka(options)) {
    const port = options.kafkaPort;
    wanted.push(
      status(options.dir, { name: 'kafka', title: 'Kafka', port }, () => probeKafka({ host, port }, PROBE_TIMEOUT_MS)),
    );
  }
  if (wantsCassandra(options)) {
    const port = options.cqlPort;
    const probe = () => probeCassandra({ host, port }, PROBE_TIMEOUT_MS);
    wanted.push(status(options.dir, { name: 'cassandra', title: 'Cassandra', port }, probe));
  }
  if (wantsRegistry(options)) {
    const port = options.registryPort ?? DEFAULT_REGISTRY_PORT;
    const probe = () => probeRegistry({ host, port }, PROBE_TIMEOUT_MS);
    wanted.push(status(options.dir, { name: 'registry', title: 'Registry', port }, probe));
  }
  return Promise.all(wanted);
}

type About = Pick<ServerStatus, 'name' | 'title'> & { readonly port: number };

async function status(dir: string, { name, title, port }: About, probe: () => Promise<unknown>): Promise<ServerStatus> {
  const record = liveRecord(dir, name);
  const ready =
    record !== undefined &&
    (await probe().then(
      () => true,
      () => false,
    ));
  return {
    name,
    title,
    address: `127.0.0.1:${port}`,
    ready,
    logFile: join(dir, 'logs', `${name}.log`),
    ...(record && { pid: record.pid, startedAt: record.startedAt }),
  };
}
