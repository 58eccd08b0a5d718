import type { RawIngestAnswer } from '../../rigs/raw-ingest.ts';
import { olistFile } from '../load.ts';
import { startApp } from '../product.ts';
import { startRawIngest } from '../rigs.ts';
import type { Servers } from '../servers.ts';
import { ratioOf } from '../spread.ts';
import type { Subject } from '../subject.ts';
import { upload } from '../upload.ts';
import { publishing, turnOf } from './published.ts';
import { alternate, ratesOf, type Contender, type SuiteContext, type SuiteResult } from './suite.ts';

export const INGEST_ROWS = 300_000;
const PREFIX = 'ingest.';
export const PRODUCT_TOPIC = `${PREFIX}olist-orders`;
const RAW_TOPIC = 'raw-ingest.olist-orders';

/** A CSV file over HTTP into Kafka, acknowledged, against csv-parse and kafkajs with the same file from the disk. */
export async function ingestSuite(context: SuiteContext): Promise<SuiteResult> {
  const { servers, rows } = context;
  const file = await olistFile(rows);
  await servers.createTopic(RAW_TOPIC);
  const { app, url } = await startProductIngest(servers);
  const raw = await startRawIngest('raw-ingest', { brokers: servers.addresses.brokers, topic: RAW_TOPIC });
  try {
    const turns = await alternate(
      [
        ingestContender('product ingest', app, PRODUCT_TOPIC, {
          context,
          work: () => upload(`${url}/ingest`, file, rows),
        }),
        ingestContender('raw ingest', raw, RAW_TOPIC, {
          context,
          work: () => raw.ask({ file }) as Promise<RawIngestAnswer>,
        }),
      ],
      context,
    );
    return {
      ratios: { ingestVsParts: ratioOf(ratesOf(turns['product ingest']!), ratesOf(turns['raw ingest']!)) },
      turns,
      rssMb: { 'ingest-api': app.usage().rssMb },
    };
  } finally {
    await Promise.all([app.stop(), raw.stop()]);
  }
}

export function ingestContender(
  name: string,
  subject: Subject,
  topic: string,
  { context: { servers, rows }, work }: { context: SuiteContext; work: () => Promise<{ readonly ms: number }> },
): Contender {
  return {
    name,
    turn: async () => {
      const turn = await publishing(servers, { topic, rows }, () =>
        turnOf({ servers, subjects: [subject], rows }, work),
      );
      await servers.emptyTopic(topic);
      return turn;
    },
  };
}

interface ProductIngest {
  readonly topicPrefix?: string;
  readonly nodeFlags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export function startProductIngest({ addresses }: Servers, { env, ...settings }: ProductIngest = {}) {
  return startApp('ingest-api', {
    addresses,
    keyspace: 'bench_ingest',
    topicPrefix: PREFIX,
    groupId: 'bench-ingest',
    // Nothing drains the topic here.
    env: { MAX_LAG_SECONDS: '24h', MAX_LAG_ROWS: '2000000000', ...env },
    ...settings,
  });
}
