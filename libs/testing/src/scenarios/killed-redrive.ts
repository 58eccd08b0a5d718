import type { JobView } from '@orderstream/contracts';
import { ApiClient } from '../api-client.js';
import { BrokenTable } from '../broken-table.js';
import { eventually } from '../eventually.js';
import { countsClose } from '../ledger.js';
import { orderIds, ordersCsv } from '../orders.js';
import { stopwatch } from '../outage.js';
import type { Sandbox } from '../sandbox.js';
import { StoreReader } from '../store-reader.js';
import { checkOrders } from './killed-sink.js';

/** Letters by state; open is `null`, as it is stored. */
export type LetterTally = ReadonlyMap<string, number>;

/** When the API is to be killed. */
export interface KillMoment {
  readonly when: string;
  readonly isNow: (states: LetterTally) => boolean;
}

/** Right after it was asked for. */
export const AT_ITS_BEGINNING: KillMoment = { when: 'it has just begun', isNow: () => true };

/** Once so many letters are in that state. */
export const lettersAtLeast = (state: string, n: number, when: string): KillMoment => ({
  when,
  isNow: (states) => (states.get(state) ?? 0) >= n,
});

export interface KilledRedriveFigures {
  readonly letters: number;
  /** by kill: how many letters were in which state then */
  readonly kills: readonly { readonly when: string; readonly states: Readonly<Record<string, number>> }[];
  /** from the first request to the last count, s, with what the kills took */
  readonly seconds: number;
  /** the job whose rows they were, and the redrive, both settled */
  readonly job: JobView;
  readonly redrive: JobView;
}

/** Uploads `rows` orders into a table that refuses all of them, and mends the table. Answers the fingerprint of their letters. */
export async function refuseOrders(world: Sandbox, rows: number): Promise<{ job: JobView; group: string }> {
  const api = new ApiClient(world.api.url);
  const table = await BrokenTable.make(world);
  const { id } = await api.upload(ordersCsv(0, rows));
  const job = await api.settled(id, 600_000);
  await table.mend();
  const { items } = await api.letterGroups();
  const [group] = items;
  if (items.length !== 1 || group?.count !== rows)
    throw new Error(`the letters are not of one cause: ${JSON.stringify(items)}`);
  return { job, group: group.fingerprint };
}

/**
 * Letters of one cause are worked off by one redrive, while the API is SIGKILLed at these moments and started again each time.
 * Throws LedgerError when a row is lost, invented, has another write time, or when counts do not close.
 */
export async function killRedrive(
  world: Sandbox,
  { rows, rate, moments }: { rows: number; rate: number; moments: readonly KillMoment[] },
): Promise<KilledRedriveFigures> {
  const api = new ApiClient(world.api.url);
  const store = await StoreReader.connect(world.options.contactPoints, world.keyspace);
  try {
    const { job, group } = await refuseOrders(world, rows);
    const since = stopwatch();
    const { body: begun } = await api.command<JobView>('/dead-letters/redrive', { group, rate });
    const kills: KilledRedriveFigures['kills'][number][] = [];
    for (const { when, isNow } of moments) {
      const look = async () => {
        const states = await store.tally('dead_letters', 'state');
        return isNow(states) && states;
      };
      const states = await eventually(look, { timeoutMs: 120_000, everyMs: 5, what: when });
      await world.api.kill();
      kills.push({ when, states: Object.fromEntries(states) });
      await world.api.start();
    }
    const isClosed = async () => (await store.tally('dead_letters', 'state')).get('closed') === rows;
    await eventually(isClosed, { timeoutMs: 300_000, what: `${rows} letters closed` });
    const isPublished = async () => (await api.job(begun.id)).publishedAt !== null;
    await eventually(isPublished, { timeoutMs: 60_000, what: 'redrive published' });
    const [redrive, after] = [await api.settled(begun.id), await api.settled(job.id)];
    const seconds = Math.round(since.elapsedMs() / 1_000);
    for (const each of [redrive, after]) countsClose(each);
    await checkOrders(world, orderIds(0, rows));
    return { letters: rows, kills, seconds, job: after, redrive };
  } finally {
    await store.close();
  }
}
