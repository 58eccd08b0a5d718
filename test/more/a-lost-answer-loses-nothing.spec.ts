/** Promises 1 and 2: Kafka and Cassandra do what they were asked, and the answer is lost on its way. */
import { jest } from '@jest/globals';
import {
  ClusterLab,
  eventually,
  KafkaTopics,
  KeyedUploads,
  seededRandom,
  settleUploads,
  stopwatch,
  type AppProcess,
  type FaultProxy,
  type Sandbox,
} from '@orderstream/testing';

jest.setTimeout(600_000);

describe('answers that are lost after the write', () => {
  let lab: ClusterLab | undefined;
  let world: Sandbox | undefined;

  afterAll(async () => {
    await world?.close();
    await lab?.close();
  });

  it('by Kafka and by Cassandra cost no row, and no older update wins', async () => {
    lab = await ClusterLab.start({ brokers: 1, nodes: 1 });
    world = await (await lab.sandbox()).start(120_000);
    const topics = KafkaTopics.on(lab.cluster.brokers); // past the proxy
    const topic = world.topic('orders');
    const uploads = new KeyedUploads(world, { rowsPerSecond: 1_000, rowsPerUpload: 500, random: seededRandom(3) });
    const stop = new AbortController();
    const load = uploads.run(stop.signal);
    try {
      for (const proxy of [lab.kafkaProxies[0]!, lab.cassandraProxies[0]!, lab.kafkaProxies[0]!]) {
        const passed = await topics.committed(world.id, topic);
        await topics.untilCommitted(world.id, topic, passed + 2_000, 120_000);
        if (proxy === lab.cassandraProxies[0]) {
          // The sink stands still until it has rows to write: the API sends none without Cassandra.
          process.kill(world.sink.pid, 'SIGSTOP');
          const behind = async () => (await topics.lag(world!.id, topic)) >= 500;
          await eventually(behind, { what: 'rows that the sink has still to write' });
          proxy.loseAnswers();
          process.kill(world.sink.pid, 'SIGCONT');
        }
        proxy.loseAnswers();
        // Both fall silent: the API waits for Kafka or for its job, the sink for its group or its rows.
        await quiet(() => topics.length(topic));
        const slow = await slowWrites(world.sink);
        mend(proxy);
        if (proxy !== lab.cassandraProxies[0]) continue;
        // Writes that were carried out and not answered end long after, when they are asked for again or given up.
        const late = async () => (await slowWrites(world!.sink)) > slow;
        await eventually(late, { what: 'writes of the sink that had no answer' });
      }
    } finally {
      stop.abort();
      [...lab.kafkaProxies, ...lab.cassandraProxies].forEach(mend);
      await load;
    }
    const { stored } = await settleUploads(lab.cluster.brokers, world, [uploads]);
    expect(stored).toBe(uploads.productById.size);
    // Kafka was sent something again, or no answer of it was lost.
    expect(await topics.length(topic)).toBeGreaterThan(uploads.jobIds.length * 500);
  });
});

/** Connections of which answers were lost are of no use any more. */
function mend(proxy: FaultProxy): void {
  proxy.cut();
  proxy.heal();
}

/** Writes to Cassandra that took more than a second, by the sink's own account. */
async function slowWrites(sink: AppProcess): Promise<number> {
  const text = await (await fetch(`${sink.url}/metrics`)).text();
  const sum = (pattern: RegExp): number =>
    [...text.matchAll(pattern)].reduce((total, [, count]) => total + Number(count), 0);
  return (
    sum(/^orderstream_write_seconds_count\{.*\} (\d+)$/gm) -
    sum(/^orderstream_write_seconds_bucket\{.*le="1".*\} (\d+)$/gm)
  );
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
