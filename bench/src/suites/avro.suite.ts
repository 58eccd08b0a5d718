import { RegistryLab } from '@orderstream/testing';
import { olistFile, sampleFile } from '../load.ts';
import { ratioOf } from '../spread.ts';
import { createTables } from '../tables.ts';
import { upload } from '../upload.ts';
import { ingestContender, startProductIngest } from './ingest.suite.ts';
import { drainOnce, SINK_KEYSPACE, startProductSink } from './sink.suite.ts';
import { alternate, ratesOf, type Contender, type SuiteContext, type SuiteResult } from './suite.ts';

export const AVRO_ROWS = 200_000;

/** How the values of records are written, and the settings that make it so. */
interface Format {
  readonly name: 'Avro' | 'JSON';
  readonly env: Readonly<Record<string, string>>;
}

type Started = Awaited<ReturnType<typeof startProductIngest>>;

/** The same rows as Avro and as JSON: a file into Kafka, and a topic into Cassandra. */
export async function avroSuite(context: SuiteContext): Promise<SuiteResult> {
  const registry = await RegistryLab.start(context.servers.addresses.brokers);
  const formats: Format[] = [
    { name: 'Avro', env: { SCHEMA_REGISTRY_URL: registry.url } },
    { name: 'JSON', env: {} },
  ];
  try {
    const turns = { ...(await ingestTurns(context, formats)), ...(await sinkTurns(context, formats)) };
    const ratio = (work: string) => ratioOf(ratesOf(turns[`Avro ${work}`]!), ratesOf(turns[`JSON ${work}`]!));
    return { ratios: { ingestAvroVsJson: ratio('ingest'), sinkAvroVsJson: ratio('sink') }, turns, rssMb: {} };
  } finally {
    await registry.close();
  }
}

/** Leaves the topic of orders of each format full for the sinks. */
async function ingestTurns(context: SuiteContext, formats: readonly Format[]) {
  const { servers, rows, say } = context;
  const file = await olistFile(rows);
  const orders = await sampleFile('orders', rows);
  const apis: Started[] = [];
  try {
    const contenders: Contender[] = [];
    for (const format of formats) {
      const { app, url } = await startProductIngest(servers, { topicPrefix: prefixOf(format), env: format.env });
      apis.push({ app, url });
      const topic = `${prefixOf(format)}olist-orders`;
      const work = () => upload(`${url}/ingest?stream=olist-orders`, file, rows);
      contenders.push(ingestContender(`${format.name} ingest`, app, topic, { context, work }));
    }
    const turns = await alternate(contenders, context);
    for (const { url } of apis) await upload(`${url}/ingest?stream=orders`, orders, rows);
    say(`  ${rows} orders are on the topic of each`);
    return turns;
  } finally {
    await Promise.all(apis.map(({ app }) => app.stop()));
  }
}

async function sinkTurns(context: SuiteContext, formats: readonly Format[]) {
  const { addresses } = context.servers;
  await createTables(context.servers, SINK_KEYSPACE);
  const contenders = formats.map((format): Contender => {
    const topicPrefix = prefixOf(format);
    const sink = {
      name: `${format.name} sink`,
      topic: `${topicPrefix}orders`,
      keyspace: SINK_KEYSPACE,
      start: (groupId: string) => startProductSink({ addresses, groupId, topicPrefix, env: format.env }),
    };
    return { name: sink.name, turn: async () => (await drainOnce(sink, context)).turn };
  });
  return alternate(contenders, context);
}

const prefixOf = ({ name }: Format): string => `${name.toLowerCase()}.`;
