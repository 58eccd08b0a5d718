import { freePorts, NODE_FLAGS, PROCESS_ENV } from '@orderstream/stack';
import { appFile } from './paths.ts';
import type { Addresses } from './servers.ts';
import { Subject } from './subject.ts';

export interface ProductSettings {
  readonly addresses: Addresses;
  readonly keyspace: string;
  readonly topicPrefix: string;
  readonly groupId: string;
  readonly nodeFlags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export type AppName = 'ingest-api' | 'sink-worker';

/** An application as it is shipped, with its defaults. */
export async function startApp(name: AppName, settings: ProductSettings): Promise<{ app: Subject; url: string }> {
  const port = String((await freePorts(1))[0]);
  const url = `http://127.0.0.1:${port}`;
  const app = await Subject.start({
    name,
    file: appFile(name),
    nodeFlags: [...NODE_FLAGS[name], ...(settings.nodeFlags ?? [])],
    readyUrl: `${url}/health/ready`,
    env: {
      ...PROCESS_ENV,
      KAFKA_BROKERS: settings.addresses.brokers,
      CASSANDRA_CONTACT_POINTS: settings.addresses.contactPoints,
      CASSANDRA_KEYSPACE: settings.keyspace,
      KAFKA_TOPIC_PREFIX: settings.topicPrefix,
      KAFKA_GROUP_ID: settings.groupId,
      ...(name === 'ingest-api' ? { PORT: port } : { SINK_PORT: port }),
      ...settings.env,
    },
  });
  return { app, url };
}
