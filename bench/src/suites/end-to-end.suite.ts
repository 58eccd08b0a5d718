import { nowMicros } from '../clock.ts';
import { watchDrain } from '../drain.ts';
import { olistFile } from '../load.ts';
import { startApp } from '../product.ts';
import { startRawIngest, startRawSink } from '../rigs.ts';
import type { Servers } from '../servers.ts';
import { ratioOf } from '../spread.ts';
import type { Subject } from '../subject.ts';
import { assertSameRows, createTables } from '../tables.ts';
import { upload } from '../upload.ts';
import { publishing, turnOf } from './published.ts';
import { alternate, ratesOf, type Contender, type SuiteContext, type SuiteResult } from './suite.ts';

/** Rows of the public Olist file. */
export const OLIST_ROWS = 99_441;
const PRODUCT = { prefix: 'e2e.', keyspace: 'bench_e2e', groupId: 'bench-e2e' };
const RAW = { prefix: 'raw-e2e.', keyspace: 'bench_e2e_raw', groupId: 'bench-e2e-raw' };
const TABLE = 'olist_orders';
const topicOf = ({ prefix }: { readonly prefix: string }): string => `${prefix}olist-orders`;

const OLIST_TABLE = {
  table: TABLE,
  primaryKey: ['customer_id', 'order_id', 'order_purchase_timestamp'],
  columns: [
    ...['order_status', 'order_approved_at', 'order_delivered_carrier_date', 'order_delivered_customer_date'],
    ...['order_estimated_delivery_date', 'order_hour', 'order_day_of_week', 'job_row'],
  ],
};

/** From the first byte of the file to its last row stored: both applications, against the raw parts chained. */
export async function endToEndSuite(context: SuiteContext): Promise<SuiteResult> {
  const { servers } = context;
  for (const side of [PRODUCT, RAW]) {
    await servers.createTopic(topicOf(side));
    await createTables(servers, side.keyspace);
  }
  const started: Subject[] = [];
  try {
    const product = await productContender(context, started);
    const raw = await rawContender(context, started);
    const turns = await alternate([product.contender, raw], context);
    await assertSameRows(servers, OLIST_TABLE, RAW.keyspace, PRODUCT.keyspace);
    return {
      // Time over time: the rate of the raw parts over that of the product.
      ratios: { endToEndVsRaw: ratioOf(ratesOf(turns['raw parts']!), ratesOf(turns['product']!)) },
      turns,
      rssMb: { 'ingest-api': product.api.usage().rssMb, 'sink-worker': product.sink.usage().rssMb },
    };
  } finally {
    await Promise.all(started.map((subject) => subject.stop()));
  }
}

async function productContender(
  context: SuiteContext,
  started: Subject[],
): Promise<{ contender: Contender; api: Subject; sink: Subject }> {
  const { servers, rows } = context;
  const settings = {
    addresses: servers.addresses,
    keyspace: PRODUCT.keyspace,
    topicPrefix: PRODUCT.prefix,
    groupId: PRODUCT.groupId,
  };
  const file = await olistFile(rows);
  const { app: sink } = await startApp('sink-worker', settings);
  started.push(sink);
  const { app: api, url } = await startApp('ingest-api', settings);
  started.push(api);
  const work = async (): Promise<{ ms: number }> => {
    const { ms, job } = await upload(`${url}/ingest?wait=stored&timeout=5m`, file, rows);
    if (job.counts.stored !== rows)
      throw new Error(`the job says that ${job.counts.stored} of ${rows} rows are stored`);
    return { ms };
  };
  return { contender: chain('product', PRODUCT, { context, subjects: [api, sink], work }), api, sink };
}

async function rawContender(context: SuiteContext, started: Subject[]): Promise<Contender> {
  const { servers, rows } = context;
  const { addresses } = servers;
  const { groupId, keyspace } = RAW;
  const topic = topicOf(RAW);
  const file = await olistFile(rows);
  const sink = await startRawSink('raw-e2e-sink', {
    ...addresses,
    groupId,
    topic,
    keyspace,
    stream: 'olist-orders',
    write: 'batches',
  });
  started.push(sink);
  const ingest = await startRawIngest('raw-e2e-ingest', { brokers: addresses.brokers, topic });
  started.push(ingest);
  const work = async (): Promise<{ ms: number }> => {
    const { ends: from } = await servers.offsets(topic);
    const begin = nowMicros();
    await ingest.ask({ file });
    const { ends } = await servers.offsets(topic);
    const { last } = await watchDrain(servers, sink, { groupId, topic, from, ends });
    return { ms: (last.atMicros - begin) / 1000 };
  };
  return chain('raw parts', RAW, { context, subjects: [ingest, sink], work });
}

interface Chain {
  readonly context: SuiteContext;
  readonly subjects: readonly Subject[];
  readonly work: () => Promise<{ readonly ms: number }>;
}

/** Throws unless the table, empty before, has every row of the file afterwards. */
function chain(name: string, side: typeof PRODUCT, { context, subjects, work }: Chain): Contender {
  const { servers, rows } = context;
  const table = `${side.keyspace}.${TABLE}`;
  return {
    name,
    turn: async () => {
      await servers.truncate(table);
      const topic = topicOf(side);
      const turn = await publishing(servers, { topic, rows }, () => turnOf({ servers, subjects, rows }, work));
      await assertCount(servers, table, rows);
      return turn;
    },
  };
}

async function assertCount(servers: Servers, table: string, rows: number): Promise<void> {
  const stored = await servers.count(table);
  if (stored !== rows) throw new Error(`${table} has ${stored} rows of ${rows}`);
}
