import { pathToFileURL } from 'node:url';
import { publishRows } from '../load.ts';
import { rigFile } from '../paths.ts';
import { ratioOf } from '../spread.ts';
import { createTables } from '../tables.ts';
import type { Turn } from '../turn.ts';
import { drainAlternating } from './alternating-blocks.ts';
import { SINK_KEYSPACE, startProductSink } from './sink.suite.ts';
import type { SuiteContext, SuiteResult } from './suite.ts';

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
  const orders = await turnsOf(context, { stream: 'orders', topic: 'orders', rows: context.rows / 2 });
  const transactions = await turnsOf(context, {
    stream: 'transactions',
    topic: 'incoming_finance_data',
    rows: (context.rows / 2) * TRANSACTIONS_SHARE,
  });
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

interface Measured {
  readonly stream: string;
  /** without its prefix */
  readonly topic: string;
  readonly rows: number;
}

/** Throws unless the blocks of the first kind were counted, and no others. */
async function turnsOf(context: SuiteContext, { stream, topic, rows }: Measured) {
  const { servers } = context;
  // Of its own, for a sink reads the topics of all streams.
  const topicPrefix = `rollups-${stream}.`;
  const fullTopic = topicPrefix + topic;
  const rowsPerBlock = Math.round(rows);
  await servers.truncate(`${SINK_KEYSPACE}.rollups`);
  const turns = await drainAlternating(context, {
    topic: fullTopic,
    rowsPerBlock,
    publish: () => publishRows(servers, fullTopic, { stream, rows: rowsPerBlock }),
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
  const expected = turns.rowsOfFirst;
  // A batch that lies in two blocks is of the one it begins in.
  if (Math.abs(counted / expected - 1) > TOLERANCE)
    throw new Error(`the statistics of ${stream} have ${counted} records of ${expected}`);
  return turns;
}

const costOf = ({ first, second }: { first: readonly Turn[]; second: readonly Turn[] }) =>
  ratioOf(cpuOf(first), cpuOf(second));

const cpuOf = (turns: readonly Turn[]): number[] => turns.map(({ cpu }) => cpu.own);
