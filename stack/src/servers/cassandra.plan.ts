import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Java } from '../java/java.js';
import { configFile } from '../paths.js';
import { probeCassandra } from '../probes/cql.probe.js';
import type { StackOptions } from '../stack-options.js';
import { CASSANDRA_JAVA_OPTIONS, CLUSTER_NODE_OPTIONS, LONE_NODE_OPTIONS } from './cassandra-java-options.js';
import { cassandraHeapMb, machineMemoryMb } from './heap.js';
import type { ServerPlan } from './server-plan.js';

const HOST = '127.0.0.1';

/** A node among the nodes of its cluster. */
export interface CassandraMember {
  readonly number: number;
  /** loopback address it listens on */
  readonly host: string;
  /** what it tells clients that its address is; default `host` */
  readonly advertisedHost?: string;
  /** hosts of the nodes that others ask first */
  readonly seeds: readonly string[];
  readonly token: bigint;
}

const ALONE: CassandraMember = { number: 1, host: HOST, seeds: [HOST], token: 0n };
const isAlone = (member: CassandraMember): boolean => member === ALONE;

/** One node: alone, or one of a cluster. */
export function cassandraPlan(options: StackOptions, member: CassandraMember = ALONE): ServerPlan {
  const home = join(options.dir, 'cassandra');
  const config = join(home, 'cassandra.yaml');
  const logFile = join(options.dir, 'logs', 'cassandra.log');
  const heapMb = options.cassandraHeapMb ?? cassandraHeapMb(machineMemoryMb());
  const address = `${member.host}:${options.cqlPort}`;
  const useInstead = `CASSANDRA_CONTACT_POINTS=${address}`;
  return {
    name: 'cassandra',
    title: isAlone(member) ? 'Cassandra' : `Cassandra node ${member.number}`,
    address,
    ports: [
      { port: options.cqlPort, purpose: 'Cassandra', variable: 'CASSANDRA_PORT', useInstead },
      { port: options.storagePort, purpose: "Cassandra's internode traffic", variable: 'CASSANDRA_STORAGE_PORT' },
    ],
    folders: [home],
    files: [{ path: config, text: cassandraYaml(options, member, { home, heapMb }) }],
    args: (java) => [
      ...memoryOptions(heapMb),
      ...CASSANDRA_JAVA_OPTIONS,
      ...securityManager(java),
      ...(isAlone(member) ? LONE_NODE_OPTIONS : CLUSTER_NODE_OPTIONS),
      `-Dcassandra.config=${pathToFileURL(config).href}`,
      `-Dcassandra.storagedir=${home}`,
      '-Dcassandra-foreground=yes',
      `-Dlogback.configurationFile=${configFile('cassandra-logback.xml')}`,
      `-Dorderstream.log=${logFile}`,
      '-cp',
      join(options.jarsDir, 'cassandra', '*'),
      'org.apache.cassandra.service.CassandraDaemon',
    ],
    logFile,
    outFile: join(options.dir, 'logs', 'cassandra.out.log'),
    prepare: () => Promise.resolve(),
    probe: (timeoutMs) => probeCassandra({ host: member.host, port: options.cqlPort }, timeoutMs),
  };
}

/** Cassandra locks the heap it begins with in memory, all of it; so it begins small. */
const memoryOptions = (heapMb: number): string[] => [
  '-Xms256m',
  `-Xmx${heapMb}m`,
  `-XX:MaxDirectMemorySize=${Math.max(256, Math.floor(heapMb / 2))}m`,
  '-XX:+UseSerialGC',
  '-XX:+ExitOnOutOfMemoryError',
];

/** Cassandra 5.0 installs a security manager at start, which Java 18 and later refuse unless allowed. */
const securityManager = (java: Java): string[] => (java.major >= 18 ? ['-Djava.security.manager=allow'] : []);

/**
 * `periodic` is Cassandra's default and acknowledges before the log is synced. With one replica that loses rows: replay
 * after a SIGKILL stops at the last sync marker, which may be 100 ms old. `batch` acknowledges after the sync; writes
 * that wait share one.
 */
const COMMITLOG_SYNC = {
  // A write holds its thread until the sync: with the default of 32 threads, 32 rows at most would share one.
  batch: { commitlog_sync: 'batch', concurrent_writes: 256 },
  periodic: { commitlog_sync: 'periodic', commitlog_sync_period: '10000ms' },
} as const;

/** JSON is YAML; so paths need no quoting rules of their own. */
function cassandraYaml(
  options: StackOptions,
  { host, advertisedHost, seeds, token }: CassandraMember,
  { home, heapMb }: { readonly home: string; readonly heapMb: number },
): string {
  const seed = { seeds: seeds.map((each) => `${each}:${options.storagePort}`).join(',') };
  const settings = {
    cluster_name: 'orderstream',
    // One token, chosen: nothing to work out or to wait for at the first start.
    num_tokens: 1,
    initial_token: String(token),
    auto_bootstrap: false,
    partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
    endpoint_snitch: 'SimpleSnitch',
    seed_provider: [{ class_name: 'org.apache.cassandra.locator.SimpleSeedProvider', parameters: [seed] }],
    listen_address: host,
    rpc_address: host,
    ...(advertisedHost && { broadcast_rpc_address: advertisedHost }),
    storage_port: options.storagePort,
    native_transport_port: options.cqlPort,
    data_file_directories: [join(home, 'data')],
    commitlog_directory: join(home, 'commitlog'),
    saved_caches_directory: join(home, 'saved_caches'),
    hints_directory: join(home, 'hints'),
    cdc_raw_directory: join(home, 'cdc_raw'),
    ...COMMITLOG_SYNC[options.commitlogSync ?? 'batch'],
    commitlog_disk_access_mode: 'mmap',
    memtable_heap_space: `${Math.floor(heapMb / 8)}MiB`,
    memtable_offheap_space: `${Math.floor(heapMb / 8)}MiB`,
    file_cache_size: '64MiB',
    networking_cache_size: '32MiB',
    key_cache_size: '8MiB',
    // Dropped tables of tests would stay on the disk as snapshots.
    auto_snapshot: false,
    // A node that cannot write ends, says why and is started again, instead of lingering deaf.
    disk_failure_policy: 'die',
    commit_failure_policy: 'die',
  };
  return `${JSON.stringify(settings, null, 2)}\n`;
}
