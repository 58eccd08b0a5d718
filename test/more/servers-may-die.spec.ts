/**
 * Promises 1, 2, 4 and 5 on three brokers and three nodes. Ten dead leaders: test/prove/leaders-die.spec.ts; twenty minutes
 * of random faults: test/prove/chaos.spec.ts.
 */
import { jest } from '@jest/globals';
import {
  ApiClient,
  checkOrders,
  ClusterLab,
  eventually,
  KafkaTopics,
  killLeaders,
  OrderLoad,
  Sandbox,
  StoreHand,
  unleashChaos,
} from '@orderstream/testing';

jest.setTimeout(900_000);

const KILLED_LEADERS = 2;
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
  let lab: ClusterLab;
  let world: Sandbox | undefined;

  beforeAll(async () => {
    lab = await ClusterLab.start({ brokers: 3, nodes: 3 });
  });
  afterEach(() => world?.close());
  afterAll(() => lab?.close());

  it('partition leaders that die under uploads to twelve partitions lose no row that was acknowledged', async () => {
    const contactPoints = process.env['TEST_CASSANDRA_CONTACT_POINTS']!;
    const env = { MAX_LAG_SECONDS: '24h', MAX_LAG_ROWS: '2000000000' }; // nothing drains the topic here
    world = await Sandbox.create({ brokers: lab.brokers, contactPoints, env });
    const figures = await killLeaders(lab, world, KILLED_LEADERS);
    expect(figures.kills).toBe(KILLED_LEADERS);
    expect(figures.uploads).toBeGreaterThan(KILLED_LEADERS);
    expect(figures.acknowledged).toBeGreaterThan(10_000);
    expect(figures.inLog).toBeGreaterThanOrEqual(figures.acknowledged);
  });

  it('two minutes of random kills, cuts, delays and pauses of everything lose nothing, let the newest win and leave counts that close', async () => {
    world = await lab.sandbox();
    await world.start(240_000);
    const figures = await unleashChaos(lab, world, { seed: 20, forMs: 120_000, rowsPerSecond: 2_000 });
    expect(figures.stored).toBe(figures.orders);
    const done = Object.keys(figures.faults).join('; ');
    for (const kind of [
      /ingest-api|sink-worker/,
      /Kafka broker/,
      /Cassandra node/,
      /(to|of) Kafka/,
      /(to|of) Cassandra/,
    ])
      expect(done).toMatch(kind);
  });

  // Last: a broker and a node stay dead.
  it('one broker and one node killed under load cost no failed request and no row; a second node makes the sink wait, and it goes on', async () => {
    world = await lab.sandbox();
    await world.start(240_000);
    const api = new ApiClient(world.api.url);
    const topics = KafkaTopics.on(lab.brokers);
    const topic = world.topic('orders');
    const committed = () => topics.committed(world!.id, topic);
    const whole = async () => (await topics.leaders(topic)).every(({ inSync }) => inSync === 3);
    await eventually(whole, { what: 'three replicas in sync of each partition' });
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
