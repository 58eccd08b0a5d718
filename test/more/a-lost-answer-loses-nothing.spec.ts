/** Promises 1 and 2: Kafka and Cassandra do what they were asked, and the answer is lost on its way. */
import { jest } from '@jest/globals';
import {
  ClusterLab,
  eventually,
  KafkaTopics,
  KeyedUploads,
  seededRandom,
  settleUploads,
  StoreReader,
  stopwatch,
  type PartitionPlace,
  type Sandbox,
} from '@orderstream/testing';

jest.setTimeout(600_000);

describe('answers that are lost after the write', () => {
  let lab: ClusterLab | undefined;
  let world: Sandbox | undefined;
  let store: StoreReader;

  afterAll(async () => {
    await store?.close();
    await world?.close();
    await lab?.close();
  });

  it('by Kafka and by Cassandra cost no row, and no older update wins', async () => {
    lab = await ClusterLab.start({ brokers: 1, nodes: 1 });
    world = await (await lab.sandbox()).start(120_000);
    store = await StoreReader.connect(lab.cluster.contactPoints, world.keyspace); // past the proxy, too
    const topics = KafkaTopics.on(lab.cluster.brokers); // past the proxy
    const topic = world.topic('orders');
    const uploads = new KeyedUploads(world, { rowsPerSecond: 1_000, rowsPerUpload: 500, random: seededRandom(3) });
    const stop = new AbortController();
    const load = uploads.run(stop.signal);
    try {
      for (const proxy of [lab.kafkaProxies[0]!, lab.cassandraProxies[0]!, lab.kafkaProxies[0]!]) {
        const passed = await topics.committed(world.id, topic);
        await topics.untilCommitted(world.id, topic, passed + 2_000, 120_000);
        proxy.loseAnswers();
        // Both fall silent: the API waits for Kafka or for its job, the sink for its group or its rows.
        await quiet(() => topics.length(topic));
        if (proxy === lab.cassandraProxies[0]) {
          // Rows beyond what is committed: they were written, and the sink cannot know it.
          const unanswered = async () => (await uncommitted(store, await topics.places(world!.id, topic))) > 0;
          await eventually(unanswered, { what: 'rows whose answers were lost' });
        }
        proxy.cut();
        proxy.heal();
      }
    } finally {
      stop.abort();
      await load;
    }
    const { stored } = await settleUploads(lab.cluster.brokers, world, [uploads]);
    expect(stored).toBe(uploads.productById.size);
    // Kafka was sent something again, or no answer of it was lost.
    expect(await topics.length(topic)).toBeGreaterThan(uploads.jobIds.length * 500);
  });
});

/** Rows that the table has of records which the group has not passed. */
async function uncommitted(store: StoreReader, places: readonly PartitionPlace[]): Promise<number> {
  const next = new Map(places.map(({ partition, committed }) => [partition, committed]));
  const rows = [...(await store.rows('orders', 'order_id')).values()];
  return rows.filter(({ partition, offset }) => Number(offset) >= next.get(partition)!).length;
}

/** Resolves when the number has not changed for three seconds. */
async function quiet(look: () => Promise<number>): Promise<void> {
  let [last, since] = [NaN, stopwatch()];
  const unchanged = async () => {
    const now = await look();
    if (now !== last) [last, since] = [now, stopwatch()];
    return since.elapsedMs() >= 3_000;
  };
  await eventually(unchanged, { timeoutMs: 60_000, everyMs: 200, what: 'a topic that does not grow' });
}
