import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  DEFAULT_JARS_DIR,
  freePorts,
  nodeHost,
  proxiedNodeHost,
  REPO_ROOT,
  startCluster,
  type RunningCluster,
} from '@orderstream/stack';
import { FaultProxy } from './fault-proxy.js';
import { Sandbox } from './sandbox.js';

export interface LabOptions {
  /** Kafka brokers; 0: none */
  readonly brokers: number;
  /** Cassandra nodes; 0: none */
  readonly nodes: number;
}

/** Servers of its own for one test file, every one of them behind a fault proxy. Starting takes about half a minute. */
export class ClusterLab {
  private constructor(
    readonly cluster: RunningCluster,
    /** by broker, in the order of `cluster.kafka` */
    readonly kafkaProxies: readonly FaultProxy[],
    /** by node, in the order of `cluster.cassandra` */
    readonly cassandraProxies: readonly FaultProxy[],
  ) {}

  static async start({ brokers, nodes }: LabOptions): Promise<ClusterLab> {
    const dir = join(REPO_ROOT, '.orderstream', 'cluster');
    rmSync(dir, { recursive: true, force: true });
    const ports = await freePorts(2 + 4 * brokers);
    const [cqlPort, storagePort] = ports.splice(0, 2) as [number, number];
    const brokerPorts = Array.from({ length: brokers }, () => {
      const [port, controllerPort, faultsPort, advertisedPort] = ports.splice(0, 4) as [number, number, number, number];
      return { port, controllerPort, faults: { port: faultsPort, advertisedPort } };
    });
    const cluster = await startCluster({
      dir,
      jarsDir: DEFAULT_JARS_DIR,
      brokers: brokerPorts,
      nodes,
      cqlPort,
      storagePort,
      proxiedNodes: true,
      log: (line) => process.stderr.write(`${line}\n`),
    });
    const kafkaProxies = brokerPorts.map(({ faults: { port, advertisedPort } }) =>
      FaultProxy.to(`127.0.0.1:${port}`, { listen: `127.0.0.1:${advertisedPort}` }),
    );
    const cassandraProxies = Array.from({ length: nodes }, (_, n) =>
      FaultProxy.to(`${nodeHost(n + 1)}:${cqlPort}`, { listen: `${proxiedNodeHost(n + 1)}:${cqlPort}` }),
    );
    try {
      return new ClusterLab(cluster, await Promise.all(kafkaProxies), await Promise.all(cassandraProxies));
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** Bootstrap servers as clients behind the proxies see them. */
  get brokers(): string {
    return this.kafkaProxies.map(({ address }) => address).join(',');
  }

  get contactPoints(): string {
    return this.cluster.contactPoints;
  }

  /** Both applications on these servers: three replicas of all where there are three servers. Not started. */
  sandbox(env: Readonly<Record<string, string>> = {}): Promise<Sandbox> {
    const replicas = String(Math.min(3, this.cluster.cassandra.length));
    const settings = { CASSANDRA_REPLICATION_FACTOR: replicas, CASSANDRA_CONSISTENCY: 'QUORUM', ...env };
    return Sandbox.create({ brokers: this.brokers, contactPoints: this.contactPoints, env: settings });
  }

  async close(): Promise<void> {
    await Promise.all([...this.kafkaProxies, ...this.cassandraProxies].map((proxy) => proxy.close()));
    await this.cluster.stop();
  }
}
