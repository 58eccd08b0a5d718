/** Three brokers and three nodes: one of each may die and nobody notices; of two dead nodes only the sink takes notice. */
import { jest } from '@jest/globals';
import {
  ApiClient,
  checkOrders,
  ClusterLab,
  eventually,
  KafkaTopics,
  OrderLoad,
  type Sandbox,
} from '@orderstream/testing';

jest.setTimeout(600_000);

describe('with three brokers and three nodes', () => {
  let lab: ClusterLab | undefined;
  let world: Sandbox | undefined;

  afterAll(async () => {
    await world?.close();
    await lab?.close();
  });

  it('one broker and one node killed under load cost no failed request and no row; a second node makes the sink wait, and it goes on', async () => {
    lab = await ClusterLab.start({ brokers: 3, nodes: 3 });
    world = await (await lab.sandbox()).start(240_000);
    const api = new ApiClient(world.api.url);
    const topics = KafkaTopics.on(lab.brokers);
    const topic = world.topic('orders');
    const committed = () => topics.committed(world!.id, topic);
    const load = OrderLoad.on(world);
    try {
      await load.untilAcknowledged(500);
      const { leader } = (await topics.leaders(topic))[0]!;
      const broker = lab.cluster.kafka[leader - 1]!;
      const [, second, third] = lab.cluster.cassandra as [unknown, ...typeof lab.cluster.cassandra];
      broker.kill('SIGKILL');
      third!.kill('SIGKILL');
      await load.untilAcknowledged(load.acknowledged.size + 1_000);

      // Two of three: QUORUM cannot be had, so nothing is stored and nothing is lost.
      second!.kill('SIGKILL');
      const before = await committed();
      await load.untilAcknowledged(load.acknowledged.size + 500);
      await load.stop();
      expect(load.failures).toEqual([]);
      expect(await committed()).toBeLessThan(before + 500);

      await Promise.all([broker.restart(), second!.restart(), third!.restart()]);
      await topics.untilCommitted(world.id, topic, await topics.length(topic), 240_000);
      await eventually(async () => (await api.letterGroups()).open === 0, { what: 'no dead letters' });
      expect(await checkOrders(world, load.acknowledged)).toBe(load.acknowledged.size);
    } finally {
      await load.stop();
    }
  });
});
