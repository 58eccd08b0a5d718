import { wait } from '@orderstream/resilience';
import { ApiClient } from '../api-client.js';
import { faultDeck, seededRandom } from '../chaos.js';
import type { ClusterLab } from '../cluster-lab.js';
import { KafkaTopics } from '../kafka-topics.js';
import { KeyedUploads } from '../keyed-uploads.js';
import { countsClose, LedgerError, newestWins } from '../ledger.js';
import { stopwatch } from '../outage.js';
import type { Sandbox } from '../sandbox.js';
import { StoreReader } from '../store-reader.js';
import { checkOrders } from './killed-sink.js';

export interface ChaosOptions {
  readonly seed: number;
  readonly forMs: number;
  readonly rowsPerSecond: number;
}

export interface ChaosFigures {
  readonly seed: number;
  readonly seconds: number;
  /** how often each fault was done */
  readonly faults: Readonly<Record<string, number>>;
  readonly uploads: number;
  /** requests of the uploads that were not answered with success, and sent again */
  readonly retries: number;
  readonly rows: number;
  /** rows of the uploads over the time of the faults; a caller that waits for a server that is back sends none */
  readonly rowsPerSecond: number;
  readonly orders: number;
  readonly stored: number;
}

const FAULT_MS = { least: 1_000, most: 8_000 } as const;
const CALM_MS = { least: 500, most: 4_000 } as const;
const SETTLE_MS = 600_000;
/** While one waits for a server that is away, the others go on. */
const CALLERS = 2;

/**
 * Random faults, one after the other, while orders and updates of them arrive. At its end, with everything back: nothing
 * is lost, the newest wins, counts close, nothing is a dead letter. Throws LedgerError.
 */
export async function unleashChaos(lab: ClusterLab, world: Sandbox, options: ChaosOptions): Promise<ChaosFigures> {
  const { seed, forMs, rowsPerSecond } = options;
  const random = seededRandom(seed);
  const between = ({ least, most }: { least: number; most: number }) => least + random() * (most - least);
  const callers = Array.from({ length: CALLERS }, (_, n) => {
    const rows = rowsPerSecond / CALLERS;
    const own = { random: seededRandom(seed * CALLERS + n), prefix: `chaos-${n}` };
    return new KeyedUploads(world, { rowsPerSecond: rows, rowsPerUpload: rows, ...own });
  });
  const faults = faultDeck(lab, world, random);
  const counted: Record<string, number> = {};
  const stop = new AbortController();
  const since = stopwatch();
  const load = Promise.all(callers.map((uploads) => uploads.run(stop.signal)));
  try {
    while (since.elapsedMs() < forMs) {
      await wait(between(CALM_MS));
      const { name, work } = faults.draw();
      process.stderr.write(`${Math.round(since.elapsedMs() / 1000)} s: ${name}\n`);
      await work(between(FAULT_MS));
      counted[name] = (counted[name] ?? 0) + 1;
    }
  } finally {
    stop.abort();
    await load;
  }
  const loadMs = since.elapsedMs();
  const { rows, orders, stored } = await settleUploads(lab.brokers, world, callers);
  const sumOf = (of: (uploads: KeyedUploads) => number) => callers.reduce((sum, uploads) => sum + of(uploads), 0);
  return {
    seed,
    seconds: Math.round(since.elapsedMs() / 1000),
    faults: counted,
    uploads: sumOf(({ jobIds }) => jobIds.length),
    retries: sumOf(({ retries }) => retries),
    ...{ rows, rowsPerSecond: Math.round((rows * 1000) / loadMs), orders, stored },
  };
}

/**
 * Waits until every row of the uploads is stored, and holds jobs, table and topic against each other. Throws LedgerError
 * when a row is lost or rejected, an older one has won or counts do not close.
 */
export async function settleUploads(
  brokers: string,
  world: Sandbox,
  callers: readonly KeyedUploads[],
): Promise<{ readonly rows: number; readonly orders: number; readonly stored: number }> {
  const api = new ApiClient(world.api.url);
  const topic = world.topic('orders');
  const topics = KafkaTopics.on(brokers);
  await topics.untilCommitted(world.id, topic, await topics.length(topic), SETTLE_MS);
  let rows = 0;
  for (const { jobIds, options } of callers) {
    for (const id of jobIds) {
      const job = await api.settled(id, SETTLE_MS);
      countsClose(job);
      rows += job.counts.stored;
      if (job.counts.stored !== options.rowsPerUpload)
        throw new LedgerError('countsClose', `job ${id} stored ${job.counts.stored} rows of ${options.rowsPerUpload}`);
    }
  }
  const { open } = await api.letterGroups();
  if (open > 0) throw new LedgerError('nothingLost', `${open} dead letters, and every row was good`);
  const sent = new Map(callers.flatMap(({ productById }) => [...productById]));
  const stored = await checkOrders(world, new Set(sent.keys()));
  newestWins(sent, await productsOf(world));
  return { rows, orders: sent.size, stored };
}

async function productsOf(world: Sandbox): Promise<Map<string, string>> {
  const store = await StoreReader.connect(world.options.contactPoints, world.keyspace);
  try {
    return await store.texts('orders', 'order_id', 'product');
  } finally {
    await store.close();
  }
}
