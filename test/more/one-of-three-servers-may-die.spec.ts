/** Three brokers and three nodes: one of each may die and nobody notices; of two dead nodes only the sink takes notice. */
import { jest } from '@jest/globals';
import {
  ApiClient,
  checkOrders,
  ClusterLab,
  eventually,
  KafkaTopics,
  OrderLoad,
  StoreHand,
  type Sandbox,
} from '@orderstream/testing';

jest.setTimeout(600_000);

/** The sink says so at its first, second, fourth … try; after five a partition would stop, were it an unknown error. */
const EIGHTH_WAIT = /"attempt":8,[^\n]*"partition waits"/;

async function replicationOf(world: Sandbox): Promise<string | undefined> {
  const hand = await StoreHand.connect(world.options.contactPoints, world.keyspace);
  try {
    const query = 'SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?';
    const [row] = await hand.run(query, [world.keyspace]);
    return (row?.['replication'] as Record<string, string> | undefined)?.['datacenter1'];
  } finally {
    await hand.close();
  }
}

describe('with three brokers and three nodes', () => {
  let lab: ClusterLab | undefined;
  let world: Sandbox | undefined;

  afterAll(async () => {
    await world?.close();
    await lab?.close();
  });

  it('one broker and one node killed under load cost no failed request and no row; a second node makes the sink wait, and it goes on', async () => {
    lab = await ClusterLab.start({ brokers: 3, nodes: 3 });
    world = await lab.sandbox();
    await world.start(240_000);
    const api = new ApiClient(world.api.url);
    const topics = KafkaTopics.on(lab.brokers);
    const topic = world.topic('orders');
    const committed = () => topics.committed(world!.id, topic);
    expect((await topics.leaders(topic)).map(({ inSync }) => inSync)).toEqual([3, 3, 3]);
    expect(await replicationOf(world)).toBe('3');
    const load = OrderLoad.on(world, { files: true });
    try {
      await load.untilAcknowledged(500);
      const { leader } = (await topics.leaders(topic))[0]!;
      const broker = lab.cluster.kafka[leader - 1]!;
      const [, second, third] = lab.cluster.cassandra as [unknown, ...typeof lab.cluster.cassandra];
      broker.kill('SIGKILL');
      third!.kill('SIGKILL');
      const [passed, files, answers] = [await committed(), load.files, load.answers];
      await load.untilAcknowledged(load.acknowledged.size + 1_000);
      await topics.untilCommitted(world.id, topic, passed + 1_000, 120_000);
      await load.stopFiles();
      expect([load.files > files, load.answers > answers]).toEqual([true, true]);
      expect(load.failures).toEqual([]);

      // Two of three: QUORUM cannot be had, so nothing is stored and nothing is lost, however often it is tried.
      const told = world.sink.output.length;
      second!.kill('SIGKILL');
      const waits = async () => EIGHTH_WAIT.test(world!.sink.output.slice(told).join(''));
      await eventually(waits, { timeoutMs: 180_000, what: 'a sink that waits for the eighth time' });
      const stopped = await committed();
      await load.untilAcknowledged(load.acknowledged.size + 500);
      await load.stop();
      expect(load.failures).toEqual([]);
      expect(await committed()).toBe(stopped);
      expect(world.sink.exitCode).toBeNull();

      await second!.restart(); // one is enough: the broker and the third node stay away
      await topics.untilCommitted(world.id, topic, await topics.length(topic), 240_000);
      await eventually(async () => (await api.letterGroups()).open === 0, { what: 'no dead letters' });
      expect(await checkOrders(world, load.acknowledged)).toBe(load.acknowledged.size);
    } finally {
      await load.stop();
    }
  });
});
