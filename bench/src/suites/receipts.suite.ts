import { pathToFileURL } from 'node:url';
import { olistFile } from '../load.ts';
import { rigFile } from '../paths.ts';
import { ratioOf } from '../spread.ts';
import { createTables } from '../tables.ts';
import type { Turn } from '../turn.ts';
import { upload } from '../upload.ts';
import { ingestContender, PRODUCT_TOPIC, startProductIngest } from './ingest.suite.ts';
import { drainOnce, fillTopic, SINK_KEYSPACE, startProductSink, type SinkContender } from './sink.suite.ts';
import { alternate, type Contender, type SuiteContext, type SuiteResult } from './suite.ts';

export const RECEIPTS_ROWS = 200_000;

/** CPU time of the product with receipts over its CPU time without them, at the sink and at the door. */
export async function receiptsSuite(context: SuiteContext): Promise<SuiteResult> {
  const { servers, rows } = context;
  await createTables(servers, SINK_KEYSPACE);
  const file = await olistFile(rows);
  const prefixes = { with: 'receipts.', without: 'plain.' };
  await fillTopic(servers, `${prefixes.with}orders`, { rows });
  await fillTopic(servers, `${prefixes.without}orders`, { rows, receipts: false });
  const withReceipts = await startProductIngest(servers);
  const without = await startProductIngest(servers, ['--import', pathToFileURL(rigFile('without-receipts')).href]);
  const ingest = (name: string, { app, url }: typeof without): Contender =>
    ingestContender(name, app, PRODUCT_TOPIC, { context, work: () => upload(`${url}/ingest`, file, rows) });
  try {
    const turns = await alternate(
      [
        sinkContender('sink', prefixes.with, context),
        sinkContender('sink without', prefixes.without, context),
        ingest('door', withReceipts),
        ingest('door without', without),
      ],
      context,
    );
    const cost = (name: string) => ratioOf(cpuOf(turns[name]!), cpuOf(turns[`${name} without`]!));
    return { ratios: { sinkReceipts: cost('sink'), ingestReceipts: cost('door') }, turns, rssMb: {} };
  } finally {
    await Promise.all([withReceipts.app.stop(), without.app.stop()]);
  }
}

function sinkContender(name: string, topicPrefix: string, context: SuiteContext): Contender {
  const sink: SinkContender = {
    name,
    topic: `${topicPrefix}orders`,
    keyspace: SINK_KEYSPACE,
    start: (groupId) => startProductSink({ addresses: context.servers.addresses, groupId, topicPrefix }),
  };
  return { name, turn: async () => (await drainOnce(sink, context)).turn };
}

const cpuOf = (turns: readonly Turn[]): number[] => turns.map(({ cpu }) => cpu.own);
