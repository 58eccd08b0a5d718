import type { JobView } from '@orderstream/contracts';
import { compileStream, OLIST_ORDERS, sampleCsv } from '@orderstream/streams';
import { ApiClient } from '../api-client.js';
import { KafkaTopics } from '../kafka-topics.js';
import {
  countsClose,
  expectedWriteTimes,
  jsonField,
  nothingInvented,
  nothingLost,
  writeTimesEqual,
} from '../ledger.js';
import { stopwatch } from '../outage.js';
import type { Sandbox } from '../sandbox.js';
import { StoreReader } from '../store-reader.js';

export interface WholeFileFigures {
  /** of the answer to `POST /ingest?wait=stored` */
  readonly status: number;
  readonly job: JobView;
  /** what Cassandra counts */
  readonly counted: number;
  readonly bytes: number;
  /** from the first byte of the request to the answer */
  readonly elapsedMs: number;
}

/** Uploads a file as the public Olist one, of so many rows, and holds the table against it. Throws LedgerError. */
export async function uploadOlistFile(world: Sandbox, { rows }: { rows: number }): Promise<WholeFileFigures> {
  const file = [...sampleCsv(compileStream(OLIST_ORDERS), { rows, seed: 'whole-file' })].join('');
  const since = stopwatch();
  const { status, body } = await new ApiClient(world.api.url).post<JobView>(file, '?wait=stored&timeout=5m');
  const elapsedMs = since.elapsedMs();
  const ids = new Set(
    file
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.slice(0, line.indexOf(','))),
  );
  const counted = await checkOlistTable(world, ids);
  countsClose(body);
  return { status, job: body, counted, bytes: Buffer.byteLength(file), elapsedMs };
}

async function checkOlistTable(world: Sandbox, ids: ReadonlySet<string>): Promise<number> {
  const store = await StoreReader.connect(world.options.contactPoints, world.keyspace);
  try {
    const stored = await store.rows('olist_orders', 'order_id');
    nothingLost(ids, stored);
    nothingInvented(ids, stored);
    const records = await KafkaTopics.on(world.options.brokers).read(world.topic('olist-orders'));
    writeTimesEqual(expectedWriteTimes(records, jsonField('order_id')), stored);
    return await store.count('olist_orders');
  } finally {
    await store.close();
  }
}
