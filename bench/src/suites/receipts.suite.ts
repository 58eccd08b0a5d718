import { pathToFileURL } from 'node:url';
import { olistFile, publishRows } from '../load.ts';
import { rigFile } from '../paths.ts';
import { ratioOf } from '../spread.ts';
import { createTables } from '../tables.ts';
import type { Turn } from '../turn.ts';
import { upload } from '../upload.ts';
import { drainAlternating } from './alternating-blocks.ts';
import { ingestContender, PRODUCT_TOPIC, startProductIngest } from './ingest.suite.ts';
import { SINK_KEYSPACE, startProductSink } from './sink.suite.ts';
import { alternate, cpuOf, type Contender, type SuiteContext, type SuiteResult } from './suite.ts';

export const RECEIPTS_ROWS = 200_000;

const TOPIC_PREFIX = 'receipts.';
const SINK_TOPIC = `${TOPIC_PREFIX}orders`;

type Turns = Record<string, readonly Turn[]>;

/** CPU time of the product with receipts over its CPU time without them, at the sink and at the door. */
export async function receiptsSuite(context: SuiteContext): Promise<SuiteResult> {
  const turns: Turns = { ...(await sinkTurns(context)), ...(await doorTurns(context)) };
  const cost = (name: string) => ratioOf(cpuOf(turns[name]!), cpuOf(turns[`${name} without`]!));
  return { ratios: { sinkReceipts: cost('sink'), ingestReceipts: cost('door') }, turns, rssMb: {} };
}

async function sinkTurns(context: SuiteContext): Promise<Turns> {
  const { servers, rows } = context;
  await createTables(servers, SINK_KEYSPACE);
  const rowsPerBlock = Math.round(rows / 2);
  const { first, second } = await drainAlternating(context, {
    topic: SINK_TOPIC,
    rowsPerBlock,
    publish: (receipts) => publishRows(servers, SINK_TOPIC, { rows: rowsPerBlock, receipts }),
    start: (groupId) => startProductSink({ addresses: servers.addresses, groupId, topicPrefix: TOPIC_PREFIX }),
  });
  return { sink: first, 'sink without': second };
}

async function doorTurns(context: SuiteContext): Promise<Turns> {
  const { servers, rows } = context;
  const file = await olistFile(rows);
  const withReceipts = await startProductIngest(servers);
  const without = await startProductIngest(servers, {
    nodeFlags: ['--import', pathToFileURL(rigFile('without-receipts')).href],
  });
  const ingest = (name: string, { app, url }: typeof without): Contender =>
    ingestContender(name, app, PRODUCT_TOPIC, { context, work: () => upload(`${url}/ingest`, file, rows) });
  try {
    return await alternate([ingest('door', withReceipts), ingest('door without', without)], context);
  } finally {
    await Promise.all([withReceipts.app.stop(), without.app.stop()]);
  }
}
