/**
 * Promise 3 at the limits of Kafka: the letter about a record is larger than the record, and one of the largest size
 * that a broker takes must still get out of the way. Each lies between two sound users in a partition of its own.
 */
import { jest } from '@jest/globals';
import { ApiClient, eventually, KafkaTopics, Sandbox, StoreReader } from '@orderstream/testing';

jest.setTimeout(180_000);

const user = (id: string): string => JSON.stringify({ id, first_name: 'Ada' });
/** What a default broker takes for a batch is 1,048,588 bytes; this leaves 200 for everything around the value. */
const LARGEST_BYTES = 1_048_388;

const HUGE = [
  {
    is: 'garbage of the largest size a broker takes',
    partition: 0,
    value: Buffer.alloc(LARGEST_BYTES, 'x'),
    gzip: false,
  },
  {
    is: 'garbage of 3 MB that was small when it was compressed',
    partition: 1,
    value: Buffer.alloc(3_000_000, 'x'),
    gzip: true,
  },
  {
    is: 'garbage of 20 MB that was small when it was compressed',
    partition: 2,
    value: Buffer.alloc(20_000_000, 'x'),
    gzip: true,
  },
];

describe('one huge record in a topic stops nothing', () => {
  let world: Sandbox;
  let store: StoreReader;
  let topics: KafkaTopics;
  let topic: string;
  const offsets = new Map<string, string>();

  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
    store = await StoreReader.connect(world.options.contactPoints, world.keyspace);
    topic = world.topic('users_created');
    topics = KafkaTopics.on(world.options.brokers);
    for (const { is, partition, value, gzip } of HUGE) {
      await topics.write(topic, [{ value: user(`before ${is}`), partition }]);
      const [place] = await topics.write(topic, [{ value, partition }], { gzip });
      offsets.set(is, place!.offset);
      await topics.write(topic, [{ value: user(`after ${is}`), partition }]);
    }
  });

  afterAll(async () => {
    await store?.close();
    await world?.close();
  });

  it.each(HUGE)('$is: the sink passes it, and its neighbours are stored', async ({ is, partition }) => {
    const passed = async (): Promise<boolean> => (await topics.position(world.id, topic, partition)) >= 3;
    await eventually(passed, { timeoutMs: 30_000, everyMs: 500, what: `partition ${partition} passed` });
    const users = await store.rows('created_users', 'id');
    expect([users.has(`before ${is}`), users.has(`after ${is}`)]).toEqual([true, true]);
  });

  it.each(HUGE)('$is: it is a dead letter with its reason', async ({ is, partition }) => {
    const { status, body } = await new ApiClient(world.api.url).letter(`${topic}-${partition}-${offsets.get(is)}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ code: 'undecodable', stage: 'decode', state: 'open' });
  });

  it('leaves the worker ready, with no partition stopped', async () => {
    const ready = await fetch(`${world.sink.url}/health/ready`);
    expect(await ready.json()).toMatchObject({ status: 'ok', error: {} });
  });
});
