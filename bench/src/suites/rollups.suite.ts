import { pathToFileURL } from 'node:url';
import { publishRows, streamNamed } from '../load.ts';
import { rigFile } from '../paths.ts';
import { ratioOf } from '../spread.ts';
import { createTables } from '../tables.ts';
import { drainAlternating, type AlternatingTurns } from './alternating-blocks.ts';
import { SINK_KEYSPACE, startProductSink } from './sink.suite.ts';
import { cpuOf, type SuiteContext, type SuiteResult } from './suite.ts';

export const ROLLUPS_ROWS = 200_000;

/** They cost the sink several times what orders do: they are flattened, totalled and published again. */
const TRANSACTIONS_SHARE = 1 / 8;
const TOLERANCE = 0.1;

/**
 * CPU time of the sink worker with statistics over its CPU time without them: for orders, and for transactions, whose
 * statistics have a bucket for each of thousands of accounts beside.
 */
export async function rollupsSuite(context: SuiteContext): Promise<SuiteResult> {
  await createTables(context.servers, SINK_KEYSPACE);
  const orders = await turnsOf(context, 'orders', context.rows / 2);
  const transactions = await turnsOf(context, 'transactions', (context.rows / 2) * TRANSACTIONS_SHARE);
  return {
    ratios: { sinkRollups: costOf(orders), sinkAccountRollups: costOf(transactions) },
    turns: {
      'orders, counting': orders.first,
      'orders, not counting': orders.second,
      'transactions, counting': transactions.first,
      'transactions, not counting': transactions.second,
    },
    rssMb: {},
  };
}

/** Throws unless the blocks of the first kind were counted, and no others. */
async function turnsOf(context: SuiteContext, stream: string, rows: number): Promise<AlternatingTurns> {
  const { servers } = context;
  // Of its own, for a sink reads the topics of all streams.
  const topicPrefix = `rollups-${stream}.`;
  const topic = topicPrefix + streamNamed(stream).topic;
  const rowsPerBlock = Math.round(rows);
  await servers.truncate(`${SINK_KEYSPACE}.rollups`);
  const turns = await drainAlternating(context, {
    topic,
    rowsPerBlock,
    publish: () => publishRows(servers, topic, { stream, rows: rowsPerBlock }),
    start: (groupId, places) =>
      startProductSink({
        addresses: servers.addresses,
        groupId,
        topicPrefix,
        nodeFlags: ['--import', pathToFileURL(rigFile('without-rollups')).href],
        env: { BENCH_BLOCKS: JSON.stringify(places) },
      }),
  });
  const counted = await servers.countedRows(SINK_KEYSPACE);
  // A batch that lies in two blocks is of the one it begins in.
  if (Math.abs(counted / turns.rowsOfFirst - 1) > TOLERANCE)
    throw new Error(`the statistics of ${stream} have ${counted} records of ${turns.rowsOfFirst}`);
  return turns;
}

const costOf = ({ first, second }: AlternatingTurns) => ratioOf(cpuOf(first), cpuOf(second));
