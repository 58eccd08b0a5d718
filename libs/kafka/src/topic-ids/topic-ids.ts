import type { Kafka } from 'kafkajs';
import { METADATA, metadataRequestBody, readTopicIdentities } from './metadata-request.js';

const NO_ID = '00000000-0000-0000-0000-000000000000';

/** The inside of kafkajs 2.2.4 that is used; a test with a real broker holds it to that. */
interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  findControllerBroker(): Promise<{ readonly connectionPool: ConnectionPool; readonly versions: ApiVersions }>;
}

interface ConnectionPool {
  send(exchange: { request: object; response: object }): Promise<Buffer>;
}

type ApiVersions = Readonly<Record<number, { readonly maxVersion: number } | undefined>>;

/**
 * The id that Kafka gave a topic when it was created: another one under the same name is another topic. kafkajs cannot
 * ask for it; the question goes over one of its own connections, so that TLS and sign-in are the ones of all others.
 */
export class TopicIds {
  private cluster: Cluster | undefined;

  constructor(private readonly kafka: Kafka) {}

  /**
   * Undefined when there is no such topic, or the brokers have no ids (before Kafka 2.8). One request; rejects as kafkajs
   * does when no broker answers.
   */
  async idOf(topic: string): Promise<string | undefined> {
    try {
      return await this.ask(topic);
    } catch (error) {
      // The next question begins with the brokers that are configured: the one that was asked may be gone for good.
      await this.disconnect().catch(() => undefined);
      throw error;
    }
  }

  async disconnect(): Promise<void> {
    const { cluster } = this;
    this.cluster = undefined;
    await cluster?.disconnect();
  }

  private async ask(topic: string): Promise<string | undefined> {
    const broker = await this.broker();
    if ((broker.versions[METADATA.apiKey]?.maxVersion ?? 0) < METADATA.apiVersion) return undefined;
    const answer = await broker.connectionPool.send(exchangeOf(topic));
    const found = readTopicIdentities(answer).find(({ name }) => name === topic);
    return found === undefined || found.error !== 0 || found.id === NO_ID ? undefined : found.id;
  }

  private async broker() {
    const cluster = (this.cluster ??= clusterOf(this.kafka));
    await cluster.connect();
    await cluster.refreshMetadataIfNecessary();
    return cluster.findControllerBroker();
  }
}

/** kafkajs keeps what makes a connection with all of a client's options under a symbol. */
function clusterOf(kafka: Kafka): Cluster {
  const maker = Object.getOwnPropertySymbols(kafka).find(({ description }) => description?.endsWith('createCluster'));
  const create = maker && (kafka as unknown as Record<symbol, (options: object) => Cluster>)[maker];
  if (!create) throw new Error('this version of kafkajs is not the one whose connections are known here: use 2.2.4');
  return create({ metadataMaxAge: METADATA_MAX_AGE_MS, allowAutoTopicCreation: false });
}

const METADATA_MAX_AGE_MS = 300_000;

const exchangeOf = (topic: string) => ({
  request: {
    ...METADATA,
    apiName: 'Metadata',
    // What kafkajs takes for one of its encoders: bytes under two names.
    encode: () => {
      const bytes = metadataRequestBody([topic]);
      return Promise.resolve({ buf: bytes, buffer: bytes });
    },
  },
  response: {
    decode: (payload: Buffer) => Promise.resolve({ payload, clientSideThrottleTime: 0 }),
    parse: ({ payload }: { payload: Buffer }) => Promise.resolve(payload),
  },
});
