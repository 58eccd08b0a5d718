import { watchDrain, type Mark } from '../drain.ts';
import { publishRows, type RowsLoad } from '../load.ts';
import { startApp } from '../product.ts';
import { startRawSink } from '../rigs.ts';
import type { Addresses, Servers } from '../servers.ts';
import { ratioOf } from '../spread.ts';
import type { Subject } from '../subject.ts';
import { assertSameRows, createTables } from '../tables.ts';
import { turnBetween, type Turn } from '../turn.ts';
import { alternate, newGroupId, ratesOf, type Contender, type SuiteContext, type SuiteResult } from './suite.ts';

export const SINK_ROWS = 200_000;
export const SINK_PREFIX = 'sink.';
export const SINK_KEYSPACE = 'bench_product';
const TOPIC = `${SINK_PREFIX}orders`;

const ORDERS_TABLE = {
  table: 'orders',
  primaryKey: ['order_id'],
  columns: [
    ...['customer_name', 'product', 'category', 'quantity', 'price', 'timestamp', 'total_amount'],
    ...['kafka_partition', 'kafka_offset', 'job_id', 'job_row', 'WRITETIME(product)'],
  ],
};

/** A sink reads the whole topic as a new group, into a table that is empty. */
export interface SinkContender {
  readonly name: string;
  /** default: the one that all contenders of this suite read */
  readonly topic?: string;
  readonly keyspace: string;
  start(groupId: string): Promise<Subject>;
}

/** The product, the raw rig in batches, and the raw rig row by row, each on the same records of one topic. */
export async function sinkSuite(context: SuiteContext): Promise<SuiteResult> {
  const { servers, rows, say } = context;
  await prepareSinkLoad(context);
  const rss: number[] = [];
  const contenders = contendersOf(context);
  for (const { keyspace } of contenders) await createTables(servers, keyspace);
  const turns = await alternate(
    contenders.map((contender) => asContender(contender, context, rss)),
    context,
  );
  say('  comparing the tables');
  await assertSameRows(servers, ORDERS_TABLE, 'bench_raw', SINK_KEYSPACE);
  await assertSameRows(servers, ORDERS_TABLE, 'bench_raw', 'bench_rows');
  const [product, raw, rowWindow] = [turns['product sink']!, turns['raw sink']!, turns['row window']!];
  say(`  ${rows} rows each, the tables are the same`);
  return {
    ratios: {
      sinkVsRaw: ratioOf(ratesOf(product), ratesOf(raw)),
      rawVsRowWindow: ratioOf(ratesOf(raw), ratesOf(rowWindow)),
      sinkVsRowWindow: ratioOf(ratesOf(product), ratesOf(rowWindow)),
    },
    turns,
    rssMb: { 'sink-worker': Math.max(...rss) },
  };
}

export async function prepareSinkLoad({ servers, rows, say }: SuiteContext): Promise<void> {
  await fillTopic(servers, TOPIC, { rows });
  say(`  ${rows} orders are on the topic`);
}

export async function fillTopic(servers: Servers, topic: string, load: RowsLoad): Promise<void> {
  await servers.createTopic(topic);
  await servers.emptyTopic(topic);
  await publishRows(servers, topic, load);
}

function contendersOf({ servers }: SuiteContext): SinkContender[] {
  const { addresses } = servers;
  const rig = (name: string, keyspace: string, write: 'batches' | 'rows'): SinkContender => ({
    name,
    keyspace,
    start: (groupId) =>
      startRawSink(name.replace(' ', '-'), { ...addresses, groupId, topic: TOPIC, keyspace, stream: 'orders', write }),
  });
  return [
    { name: 'product sink', keyspace: SINK_KEYSPACE, start: (groupId) => startProductSink({ addresses, groupId }) },
    rig('raw sink', 'bench_raw', 'batches'),
    rig('row window', 'bench_rows', 'rows'),
  ];
}

interface ProductSink {
  readonly addresses: Addresses;
  readonly groupId: string;
  readonly topicPrefix?: string;
  readonly nodeFlags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export async function startProductSink(settings: ProductSink): Promise<Subject> {
  const { app } = await startApp('sink-worker', { topicPrefix: SINK_PREFIX, ...settings, keyspace: SINK_KEYSPACE });
  return app;
}

function asContender(sink: SinkContender, suite: SuiteContext, rss: number[]): Contender {
  return {
    name: sink.name,
    turn: async () => {
      const { turn, rssMb } = await drainOnce(sink, suite);
      if (sink.keyspace === SINK_KEYSPACE) rss.push(rssMb);
      return turn;
    },
  };
}

/** Throws unless the table has exactly the rows of the topic afterwards. */
export async function drainOnce(
  sink: SinkContender,
  { servers, rows }: SuiteContext,
): Promise<{ turn: Turn; rssMb: number; first: Mark; last: Mark }> {
  const table = `${sink.keyspace}.orders`;
  await servers.truncate(table);
  // A bucket of the turn before has counted these records, and would skip them.
  await servers.truncate(`${sink.keyspace}.rollups`);
  const { topic = TOPIC } = sink;
  const { begins: from, ends } = await servers.offsets(topic);
  const groupId = newGroupId();
  const subject = await sink.start(groupId);
  try {
    const { first, last } = await watchDrain(servers, subject, { groupId, topic, from, ends });
    const { rssMb } = subject.usage();
    const stored = await servers.count(table);
    if (stored !== rows) throw new Error(`${sink.name} stored ${stored} rows of ${rows}`);
    return { turn: turnBetween(first, last), rssMb, first, last };
  } finally {
    await subject.stop();
  }
}
