import { randomBytes } from 'node:crypto';
import { freePorts } from '@orderstream/stack';
import { AppProcess } from './app-process.js';

export interface SandboxOptions {
  readonly brokers: string;
  readonly contactPoints: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * A world of its own on servers that are shared: unique keyspace, topic prefix, consumer group and ports. Both
 * applications run as they are shipped. `close()` ends what still runs.
 */
export class Sandbox {
  private readonly others: AppProcess[] = [];

  private constructor(
    readonly id: string,
    readonly options: SandboxOptions,
    readonly api: AppProcess,
    readonly sink: AppProcess,
  ) {}

  static async create(options: SandboxOptions): Promise<Sandbox> {
    const id = `t${randomBytes(5).toString('hex')}`;
    const [apiPort, sinkPort] = (await freePorts(2)) as [number, number];
    const env = {
      KAFKA_BROKERS: options.brokers,
      CASSANDRA_CONTACT_POINTS: options.contactPoints,
      KAFKA_TOPIC_PREFIX: `${id}.`,
      KAFKA_GROUP_ID: id,
      KAFKA_SESSION_TIMEOUT: '6s',
      CASSANDRA_KEYSPACE: id,
      PORT: String(apiPort),
      SINK_PORT: String(sinkPort),
      ...options.env,
    };
    return new Sandbox(
      id,
      options,
      new AppProcess('ingest-api', apiPort, env),
      new AppProcess('sink-worker', sinkPort, env),
    );
  }

  /** The servers that jest's global set-up started, one for the whole run. */
  static forTests(env: Readonly<Record<string, string>> = {}): Promise<Sandbox> {
    const brokers = process.env['TEST_KAFKA_BROKERS'];
    const contactPoints = process.env['TEST_CASSANDRA_CONTACT_POINTS'];
    if (!brokers || !contactPoints) throw new Error('run this through `npm test`: it starts Kafka and Cassandra first');
    return Sandbox.create({ brokers, contactPoints, env });
  }

  get keyspace(): string {
    return this.id;
  }

  topic(name: string): string {
    return `${this.id}.${name}`;
  }

  /** A second sink worker or API with the same settings on a port of its own. */
  async another(name: 'ingest-api' | 'sink-worker', env: Readonly<Record<string, string>> = {}): Promise<AppProcess> {
    const [port] = (await freePorts(1)) as [number];
    const base = name === 'ingest-api' ? this.api : this.sink;
    const another = base.twin(port, { PORT: String(port), SINK_PORT: String(port), ...env });
    this.others.push(another);
    return another;
  }

  /**
   * `timeoutMs`: for both to be ready. The tables of a keyspace with three replicas take a minute on a small machine.
   * When one is not, neither is left running.
   */
  async start(timeoutMs?: number): Promise<this> {
    try {
      await Promise.all([this.api.start(timeoutMs), this.sink.start(timeoutMs)]);
    } catch (error) {
      await this.close();
      throw error;
    }
    return this;
  }

  async close(): Promise<void> {
    await Promise.all([this.api, this.sink, ...this.others].map((app) => app.stop()));
  }
}
