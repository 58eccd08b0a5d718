/** Promise 2: replays, duplicates and any order of delivery lead to the same tables, write times included. */
import { jest } from '@jest/globals';
import {
  ApiClient,
  countsClose,
  eventually,
  expectedWriteTimes,
  jsonField,
  KafkaTopics,
  nothingLost,
  orderId,
  orderIds,
  orderJson,
  orderLine,
  ORDER_HEADER,
  ordersCsv,
  Sandbox,
  StoreReader,
  writeTimesEqual,
} from '@orderstream/testing';

jest.setTimeout(240_000);

describe('the same input gives the same tables', () => {
  let world: Sandbox;
  let api: ApiClient;
  let topics: KafkaTopics;
  let store: StoreReader;

  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
    api = new ApiClient(world.api.url);
    topics = KafkaTopics.on(world.options.brokers);
    store = await StoreReader.connect(world.options.contactPoints, world.keyspace);
  });
  afterAll(async () => {
    await store?.close();
    await world?.close();
  });

  const written = async (name: string, records: Parameters<KafkaTopics['write']>[1]): Promise<void> => {
    await topics.write(world.topic(name), records);
    await topics.untilCommitted(world.id, world.topic(name), await topics.length(world.topic(name)));
  };
  const order = async (id: string): Promise<Record<string, unknown>> =>
    (await api.get<{ record: Record<string, unknown> }>(`/orders/${id}`)).body.record;
  const at = (micros: bigint): Record<string, string> => ({ 'os-write-time': String(micros) });

  it('an older update that arrives later does not win, and neither does one of the same file that is sent again', async () => {
    const now = BigInt(Date.now()) * 1000n;
    await written('orders', [
      { value: orderJson(1, { order_id: 'late', product: 'newest' }), headers: at(now) },
      { value: orderJson(1, { order_id: 'late', product: 'older' }), headers: at(now - 1n) },
      { value: orderJson(1, { order_id: 'late', product: 'a year older' }), headers: at(now - 31_536_000_000_000n) },
    ]);
    expect(await order('late')).toMatchObject({ product: 'newest' });
  });

  it('without a write time the record time and the offset decide, so a later record of a producer wins', async () => {
    const timestamp = String(Date.now());
    await written('orders', [
      { value: orderJson(2, { order_id: 'plain', product: 'first' }), timestamp },
      { value: orderJson(2, { order_id: 'plain', product: 'second' }), timestamp: String(Number(timestamp) + 1) },
      {
        value: orderJson(2, { order_id: 'plain', product: 'from yesterday' }),
        timestamp: String(Number(timestamp) - 86_400_000),
      },
    ]);
    expect(await order('plain')).toMatchObject({ product: 'second' });
  });

  it('a null value deletes the user; an older record of hers that comes later does not bring her back', async () => {
    const now = Date.now();
    const ada = JSON.stringify({ id: 'ada', first_name: 'Ada' });
    await written('users_created', [
      { key: 'ada', value: ada, timestamp: String(now - 2_000) },
      { key: 'bob', value: JSON.stringify({ id: 'bob', first_name: 'Bob' }), timestamp: String(now - 2_000) },
    ]);
    expect([...(await store.rows('created_users', 'id')).keys()].sort()).toEqual(['ada', 'bob']);
    await written('users_created', [
      { key: 'ada', value: null, timestamp: String(now - 1_000) },
      { key: 'ada', value: ada, timestamp: String(now - 1_500) },
    ]);
    expect([...(await store.rows('created_users', 'id')).keys()]).toEqual(['bob']);
  });

  it('a deleted user who is created again later is there again', async () => {
    const now = Date.now();
    await written('users_created', [
      { key: 'eve', value: JSON.stringify({ id: 'eve', first_name: 'Eve' }), timestamp: String(now - 3_000) },
      { key: 'eve', value: null, timestamp: String(now - 2_000) },
      { key: 'eve', value: JSON.stringify({ id: 'eve', first_name: 'Eva' }), timestamp: String(now - 1_000) },
    ]);
    expect((await store.rows('created_users', 'id')).has('eve')).toBe(true);
  });

  it('two uploads at once of the same ids leave the newest row of each, and both jobs count their own rows', async () => {
    const bad = (n: number): string => orderLine(n, { quantity: 'many' }, 'twin');
    const file = (rejects: number): string =>
      ordersCsv(0, 4_000, 'twin') + Array.from({ length: rejects }, (_, i) => `${bad(10_000 + i)}\n`).join('');
    const jobs = await Promise.all([30, 50].map((rejects) => api.upload(file(rejects), '?wait=stored&timeout=2m')));
    for (const job of jobs) countsClose(job);
    expect(jobs.map(({ counts }) => [counts.received, counts.stored, counts.rejected])).toEqual([
      [4_030, 4_000, 30],
      [4_050, 4_000, 50],
    ]);
    const stored = await store.rows('orders', 'order_id');
    nothingLost(orderIds(0, 4_000, 'twin'), stored);
    writeTimesEqual(expectedWriteTimes(await topics.read(world.topic('orders')), jsonField('order_id')), stored);
  });

  it('a file that is uploaded twice leaves its rows once', async () => {
    const file = `${ORDER_HEADER}\n${[0, 1, 2].map((n) => orderLine(n, {}, 'again')).join('\n')}\n`;
    for (const job of [await api.upload(file, '?wait=stored'), await api.upload(file, '?wait=stored')])
      countsClose(job);
    const ids = [...(await store.rows('orders', 'order_id')).keys()].filter((id) => id.startsWith('again-'));
    expect(ids.sort()).toEqual([0, 1, 2].map((n) => orderId(n, 'again')));
  });

  // Last in this file: everything above is replayed too.
  it('a replay of every topic from its beginning changes no value, no write time, no letter, and revives nobody', async () => {
    await written('orders', [{ value: 'no JSON' }]);
    const tables = ['orders', 'created_users', 'dead_letters'];
    const imagesOf = (): Promise<string[][]> =>
      Promise.all(tables.map((table) => store.image(table, { writeTimes: table !== 'dead_letters' })));
    const before = await imagesOf();
    const streams = ['orders', 'users_created'].map((name) => world.topic(name));
    await world.sink.stop();
    await topics.rewind(world.id, streams);
    await world.sink.start();
    for (const topic of streams) await topics.untilCommitted(world.id, topic, await topics.length(topic));
    const after = await imagesOf();
    expect(before[0]!.length).toBeGreaterThan(4_000);
    expect(before[2]).toHaveLength(1);
    tables.forEach((table, i) => expect({ table, image: after[i] }).toEqual({ table, image: before[i] }));
    expect([...(await store.rows('created_users', 'id')).keys()]).not.toContain('ada');
    await eventually(async () => (await api.letterGroups()).open === 1, { what: 'one letter after the replay' });
  });
});
