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

const TOPIC_PREFIX = 'rollups.';
/** They cost the sink several times what orders do: they are flattened, totalled and published again. */
const TRANSACTIONS_SHARE = 1 / 8;

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

function turnsOf(context: SuiteContext, { stream, topic, rows }: Measured) {
  const { servers } = context;
  const fullTopic = TOPIC_PREFIX + topic;
  const rowsPerBlock = Math.round(rows);
  return drainAlternating(context, {
    topic: fullTopic,
    rowsPerBlock,
    publish: () => publishRows(servers, fullTopic, { stream, rows: rowsPerBlock }),
    start: (groupId, places) =>
      startProductSink({
        addresses: servers.addresses,
        groupId,
        topicPrefix: TOPIC_PREFIX,
        nodeFlags: ['--import', pathToFileURL(rigFile('without-rollups')).href],
        env: { BENCH_BLOCKS: JSON.stringify(places) },
      }),
  });
}

const costOf = ({ first, second }: { first: readonly Turn[]; second: readonly Turn[] }) =>
  ratioOf(cpuOf(first), cpuOf(second));

const cpuOf = (turns: readonly Turn[]): number[] => turns.map(({ cpu }) => cpu.own);
