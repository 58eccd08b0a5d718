import { randomBytes } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { watchBlocks } from '../drain.ts';
import { olistFile, publishOrders } from '../load.ts';
import { rigFile } from '../paths.ts';
import { ratioOf } from '../spread.ts';
import { createTables } from '../tables.ts';
import { turnBetween, type Turn } from '../turn.ts';
import { upload } from '../upload.ts';
import { ingestContender, PRODUCT_TOPIC, startProductIngest } from './ingest.suite.ts';
import { SINK_KEYSPACE, startProductSink } from './sink.suite.ts';
import { alternate, type Contender, type SuiteContext, type SuiteResult } from './suite.ts';

export const RECEIPTS_ROWS = 200_000;

const TOPIC_PREFIX = 'receipts.';
const SINK_TOPIC = `${TOPIC_PREFIX}orders`;
/** Blocks of the topic are small and many, because what receipts cost is less than what a single one of them varies by. */
const PAIRS_PER_ROUND = 5;
const WARM_UP_BLOCKS = 4;

type Turns = Record<string, Turn[]>;

/** CPU time of the product with receipts over its CPU time without them, at the sink and at the door. */
export async function receiptsSuite(context: SuiteContext): Promise<SuiteResult> {
  const turns: Turns = { ...(await sinkTurns(context)), ...(await doorTurns(context)) };
  const cost = (name: string) => ratioOf(cpuOf(turns[name]!), cpuOf(turns[`${name} without`]!));
  return { ratios: { sinkReceipts: cost('sink'), ingestReceipts: cost('door') }, turns, rssMb: {} };
}

/**
 * One sink drains one topic in which blocks of records with and without receipts alternate, in the order
 * with, without, without, with: the same process, as warm for the one as for the other.
 */
async function sinkTurns({ servers, rows, rounds, say }: SuiteContext): Promise<Turns> {
  await createTables(servers, SINK_KEYSPACE);
  await servers.createTopic(SINK_TOPIC);
  await servers.emptyTopic(SINK_TOPIC);
  const { begins: from } = await servers.offsets(SINK_TOPIC);
  const rowsPerBlock = Math.round(rows / 2);
  const blocks = WARM_UP_BLOCKS + 2 * PAIRS_PER_ROUND * rounds;
  const hasReceipts = (block: number): boolean => block % 4 === 0 || block % 4 === 3;
  for (let block = 0; block < blocks; block++) {
    await publishOrders(servers, SINK_TOPIC, { rows: rowsPerBlock, receipts: hasReceipts(block) });
  }
  say(`  ${blocks} blocks of ${rowsPerBlock} orders are on the topic`);
  const groupId = `bench-${randomBytes(4).toString('hex')}`;
  const boundaries = Array.from({ length: blocks }, (_, block) => (block + 1) * rowsPerBlock);
  const sink = await startProductSink({ addresses: servers.addresses, groupId, topicPrefix: TOPIC_PREFIX });
  try {
    const marks = await watchBlocks(servers, sink, { groupId, topic: SINK_TOPIC, from }, boundaries);
    const turns: Turns = { sink: [], 'sink without': [] };
    for (let block = WARM_UP_BLOCKS; block < blocks; block++) {
      turns[hasReceipts(block) ? 'sink' : 'sink without']!.push(turnBetween(marks[block - 1]!, marks[block]!));
    }
    return turns;
  } finally {
    await sink.stop();
  }
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

const cpuOf = (turns: readonly Turn[]): number[] => turns.map(({ cpu }) => cpu.own);
