import { jest } from '@jest/globals';
import type { Reconciliation } from '@orderstream/contracts';
import {
  ApiClient,
  eventually,
  KafkaTopics,
  orderId,
  ordersCsv,
  peakMemoryMiB,
  Sandbox,
  StoreHand,
  writeProof,
} from '@orderstream/testing';

jest.setTimeout(900_000);

/** Twice as many keys as are in memory at once. */
const ROWS = 200_000;
const MOST_MIB = 286; // 300 MB

it('200,000 records are reconciled in bounded memory, exactly, and not at all once the client has gone', async () => {
  const world = await (await Sandbox.forTests({ MAX_LAG_SECONDS: '1h' })).start();
  const hand = await StoreHand.connect(world.options.contactPoints, world.keyspace);
  try {
    const job = await new ApiClient(world.api.url).upload(ordersCsv(0, ROWS), '?wait=stored&timeout=10m');
    expect(job.counts.stored).toBe(ROWS);
    await world.api.stop(); // its peak so far is the upload's
    await world.api.start();
    const idleMiB = peakMemoryMiB(world.api.pid);
    const reconcile = (signal?: AbortSignal) =>
      fetch(`${world.api.url}/streams/orders/reconcile`, { method: 'POST', ...(signal && { signal }) });

    const topics = KafkaTopics.on(world.options.brokers);
    const isReading = async () => (await topics.groups()).some((group) => group.startsWith(`${world.id}-reader`));
    const client = new AbortController();
    const abandoned = reconcile(client.signal);
    await eventually(isReading, { everyMs: 10, what: 'a group that reads the log' });
    client.abort();
    await expect(abandoned).rejects.toThrow();
    await eventually(async () => !(await isReading()), { what: 'no group that reads the log' });

    const gone = Array.from({ length: 10 }, (_, n) => orderId(n * 19_999));
    for (const id of gone) await hand.run('DELETE FROM {keyspace}.orders WHERE order_id = ?', [id]);
    const answer = (await (await reconcile()).json()) as Reconciliation;
    const peakMiB = peakMemoryMiB(world.api.pid);
    const { records, keys, seconds, recordsPerSecond, missing, stale, foreign, rejected } = answer;
    expect([records, keys]).toEqual([ROWS, ROWS]);
    expect(missing.examples.map(({ key }) => key['order_id']).sort()).toEqual(gone.sort());
    expect([stale.count, foreign.count, rejected]).toEqual([0, 0, 0]);
    expect(peakMiB).toBeLessThan(MOST_MIB);
    const told = world.api.output.join('').match(/"msg":"reconciled"/g);
    expect(told).toHaveLength(1);
    writeProof('reconciled-topic', {
      ...{ records, keys, seconds, recordsPerSecond, idleMiB, peakMiB },
      ...{ missing: missing.count, stale: stale.count, foreign: foreign.count, rejected },
    });
  } finally {
    await hand.close();
    await world.close();
  }
});
