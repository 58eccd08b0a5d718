import type { JobView } from '@orderstream/contracts';
import { ApiClient } from '../api-client.js';
import { eventually } from '../eventually.js';
import { KafkaTopics } from '../kafka-topics.js';
import {
  countsClose,
  expectedWriteTimes,
  jsonField,
  nothingInvented,
  nothingLost,
  writeTimesEqual,
  writeTimesKept,
} from '../ledger.js';
import { orderIds, ordersCsv } from '../orders.js';
import { stopwatch } from '../outage.js';
import type { Sandbox } from '../sandbox.js';
import { StoreReader } from '../store-reader.js';

export interface KilledSinkFigures {
  readonly rows: number;
  /** per kill: rows the sink had passed at that moment */
  readonly passedAtKill: readonly number[];
  /** per kill: ms from the SIGKILL until rows are stored again; the sink is started again at once */
  readonly recoveryMs: readonly number[];
  readonly stored: number;
  /** records that the sink read again and wrote again; they change nothing */
  readonly job: JobView;
}

/**
 * Uploads `rows` numbered orders and SIGKILLs the sink `kills` times while it stores them, each time at another place;
 * starts it again as a supervisor does. Throws LedgerError when a row is lost, invented, or has another write time than
 * its record.
 */
export async function killSinkUnderLoad(
  world: Sandbox,
  { rows, kills }: { rows: number; kills: number },
): Promise<KilledSinkFigures> {
  const topics = KafkaTopics.on(world.options.brokers);
  const topic = world.topic('orders');
  const upload = new ApiClient(world.api.url).upload(ordersCsv(0, rows), '?wait=stored&timeout=5m');
  const passedAtKill: number[] = [];
  const recoveryMs: number[] = [];
  for (let kill = 1; kill <= kills; kill++) {
    await topics.untilCommitted(world.id, topic, Math.floor((rows * kill) / (kills + 2)));
    const since = stopwatch();
    await world.sink.kill();
    const passed = await topics.committed(world.id, topic);
    if (passed === rows) throw new Error(`the sink had passed all ${rows} rows before it was killed: take more`);
    world.sink.spawn();
    await topics.untilCommitted(world.id, topic, passed + 1);
    passedAtKill.push(passed);
    recoveryMs.push(since.elapsedMs());
  }
  const job = await upload;
  const stored = await checkOrders(world, orderIds(0, rows));
  countsClose(job);
  return { rows, passedAtKill, recoveryMs, stored, job };
}

/**
 * Holds the orders of the table whose ids begin with `prefix` against the ledger and against the topic itself. Answers
 * the number of stored rows; throws LedgerError.
 */
export async function checkOrders(world: Sandbox, ids: ReadonlySet<string>, prefix = ''): Promise<number> {
  const store = await StoreReader.connect(world.options.contactPoints, world.keyspace);
  try {
    const all = await eventually(() => store.rows('orders', 'order_id'), { timeoutMs: 60_000, what: 'orders read' });
    const stored = new Map([...all].filter(([id]) => id.startsWith(prefix)));
    nothingLost(ids, stored);
    nothingInvented(ids, stored);
    const records = await KafkaTopics.on(world.options.brokers).read(world.topic('orders'));
    writeTimesEqual(expectedWriteTimes(records, jsonField('order_id')), stored);
    writeTimesKept(records);
    return stored.size;
  } finally {
    await store.close();
  }
}
