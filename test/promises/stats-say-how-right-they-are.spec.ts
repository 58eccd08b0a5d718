/** Live statistics count what was applied, exact ones the rows of the table, and each answer says which it is. */
import { jest } from '@jest/globals';
import type { Problem, StatsAnswer, StatsItem, StatsRecount } from '@orderstream/contracts';
import { ApiClient, eventually, KafkaTopics, numberedOrder, ordersCsv, Sandbox, StoreHand } from '@orderstream/testing';

jest.setTimeout(300_000);

const ROWS = 300;
const UPDATED = 100;
const WAIT = '?wait=stored&timeout=2m';

/** Worked out beside the product, in cents. */
function revenueOf(rows: readonly Record<string, unknown>[]): string {
  const cents = rows.reduce((sum, { quantity, price }) => {
    return sum + BigInt(quantity as number) * BigInt(String(price).replace('.', ''));
  }, 0n);
  return `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;
}
const orders = (count: number) => Array.from({ length: count }, (_, n) => numberedOrder(n));
const countOf = (items: readonly StatsItem[]): number => items.reduce((sum, { count }) => sum + count, 0);
const quantityOf = (items: readonly StatsItem[]): number => items.reduce((sum, item) => sum + Number(item.quantity), 0);
function sumOf(items: readonly StatsItem[]): string {
  const cents = items.reduce((sum, { revenue }) => sum + BigInt(revenue!.replace('.', '')), 0n);
  return `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;
}

describe('statistics say how right they are', () => {
  let world: Sandbox;
  let api: ApiClient;
  let hand: StoreHand;
  let topics: KafkaTopics;

  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
    api = new ApiClient(world.api.url);
    hand = await StoreHand.connect(world.options.contactPoints, world.keyspace);
    topics = KafkaTopics.on(world.options.brokers);
  });
  afterAll(async () => {
    await hand?.close();
    await world?.close();
  });

  const stats = async (query: string, stream = 'orders'): Promise<StatsAnswer> => {
    const { status, body } = await api.get<StatsAnswer>(`/streams/${stream}/stats?${query}`);
    if (status !== 200) throw new Error(`${query}: ${status} ${JSON.stringify(body)}`);
    return body;
  };
  const recount = async (stream = 'orders'): Promise<StatsRecount> => {
    const { status, body } = await api.command<StatsRecount>(`/streams/${stream}/stats/recount`, {});
    expect(status).toBe(200);
    return body;
  };

  it('count, sum and sample per partition, category, hour and weekday, to the cent, and by page', async () => {
    await api.upload(ordersCsv(0, ROWS), WAIT);
    const byPartition = await stats('by=partition');
    expect(byPartition).toMatchObject({ stream: 'orders', by: 'partition', kind: 'live', asOf: null, next: null });
    expect(byPartition.items.map(({ partition }) => partition)).toEqual([0, 1, 2]);
    for (const by of ['partition', 'category', 'hour', 'weekday']) {
      const { items } = await stats(`by=${by}`);
      expect([by, countOf(items), sumOf(items)]).toEqual([by, ROWS, revenueOf(orders(ROWS))]);
      expect(quantityOf(items)).toBe(orders(ROWS).reduce((sum, { quantity }) => sum + (quantity as number), 0));
    }
    for (const { partition, samples, products } of byPartition.items) {
      expect(samples).toHaveLength(5);
      expect(products!.length).toBeGreaterThan(10);
      for (const id of samples!) {
        const { body } = await api.get<{ lineage: { partition: number } }>(`/orders/${id}?lineage=true`);
        expect(body.lineage.partition).toBe(partition);
      }
    }
    // The orders are a second apart, from midnight of Thursday, 1 January 2026 on.
    expect((await stats('by=hour')).items).toMatchObject([{ hour: 0, count: ROWS }]);
    expect((await stats('by=weekday')).items).toMatchObject([{ weekday: 'Thursday', count: ROWS }]);
    const books = orders(ROWS).filter(({ category }) => category === 'books');
    const first = await stats('by=category&limit=1');
    expect(first.items).toMatchObject([{ category: 'books', count: books.length, revenue: revenueOf(books) }]);
    const second = await stats(`by=category&limit=1&cursor=${first.next}`);
    expect(second.items).toMatchObject([{ category: 'clothing' }]);
  });

  it('answer for a span of whole hours, and refuse what they cannot answer with what they can', async () => {
    const spans = [
      'from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00Z',
      'from=2025-02-01T00:00:00Z&to=2026-02-01T00:00:00Z',
    ];
    for (const within of spans)
      for (const by of ['partition', 'category', 'hour', 'weekday']) {
        const { items } = await stats(`by=${by}&${within}`);
        expect([by, countOf(items), sumOf(items)]).toEqual([by, ROWS, revenueOf(orders(ROWS))]);
      }
    expect((await stats('by=hour&from=2026-01-01T01:00:00Z&to=2026-01-02T00:00:00Z')).items).toEqual([]);
    const refused = async (query: string, stream = 'orders') => {
      const { status, body } = await api.get<Problem>(`/streams/${stream}/stats?${query}`);
      return `${status} ${body.code}: ${body.detail}`;
    };
    expect(await refused('by=colour')).toBe(
      '400 bad_parameter: orders has no statistics by colour; it has partition, category, hour, weekday',
    );
    expect(await refused('by=category', 'users')).toContain('it has partition, hour, weekday');
    expect(await refused('by=hour&from=2026-01-01T00:30:00Z&to=2026-01-01T01:00:00Z')).toContain('whole hour');
    expect(await refused('by=hour&from=2026-01-01T00:00:00Z&to=2027-01-03T00:00:00Z')).toContain('366 days');
    expect(await refused('by=hour&from=2026-01-01T00:00:00Z')).toContain('together');
    expect(await refused('by=hour&cursor=nonsense')).toContain('cursor');
    expect(await refused('by=hour', 'nobody')).toContain('404 stream_not_found');
    expect(await refused('by=hour&kind=exact')).toContain('409 not_recounted');
  });

  it('live counts duplicates and earlier versions, exact only the rows that are there', async () => {
    const csv = ordersCsv(0, UPDATED).replaceAll(/,\d+,(\d+\.\d\d),/g, ',20,$1,');
    await api.upload(csv, WAIT);
    const updated = orders(UPDATED).map((order) => ({ ...order, quantity: 20 }));
    const live = await stats('by=partition');
    expect([countOf(live.items), sumOf(live.items)]).toEqual([
      ROWS + UPDATED,
      revenueOf([...orders(ROWS), ...updated]),
    ]);

    const counted = await recount();
    expect(counted).toMatchObject({ stream: 'orders', kind: 'exact', records: ROWS });
    for (const by of ['partition', 'category', 'hour', 'weekday']) {
      const exact = await stats(`by=${by}&kind=exact`);
      expect(exact).toMatchObject({ kind: 'exact', asOf: counted.asOf });
      const left = [...orders(ROWS).slice(UPDATED), ...updated];
      expect([by, countOf(exact.items), sumOf(exact.items)]).toEqual([by, ROWS, revenueOf(left)]);
    }
    const rows = await hand.run('SELECT category, COUNT(*) AS n FROM {keyspace}.orders GROUP BY order_id');
    const byCategory = await stats('by=category&kind=exact');
    for (const { category, count } of byCategory.items)
      expect([category, count]).toEqual([category, rows.filter((row) => row['category'] === category).length]);

    await hand.run('DELETE FROM {keyspace}.orders WHERE order_id = ?', ['row-0']);
    expect(countOf((await stats('by=hour&kind=exact')).items)).toBe(ROWS);
    await recount();
    expect(countOf((await stats('by=hour&kind=exact')).items)).toBe(ROWS - 1);
    const sources = async (): Promise<number> => {
      const found = await hand.run('SELECT DISTINCT source, shard FROM {keyspace}.rollups');
      return new Set(found.map((row) => row['source'])).size;
    };
    await eventually(async () => (await sources()) === 2, { what: 'the topic, and the last recount' });
  });

  it('a log that is read again from its beginning counts nothing twice', async () => {
    const before = await stats('by=category');
    await world.sink.stop();
    await topics.rewind(world.id, [world.topic('orders')]);
    await world.sink.start();
    await topics.untilCommitted(world.id, world.topic('orders'), ROWS + UPDATED);
    expect(await stats('by=category')).toEqual(before);
    await api.upload(ordersCsv(ROWS, ROWS + 10), WAIT);
    expect(countOf((await stats('by=category')).items)).toBe(ROWS + UPDATED + 10);
  });

  it('deletions are not counted; a stream without a time counts by the write time', async () => {
    const topic = world.topic('users_created');
    const user = (id: string) => ({
      key: id,
      value: JSON.stringify({ id }),
      timestamp: String(Date.UTC(2026, 4, 5, 13)),
    });
    await topics.write(topic, [user('u1'), user('u2'), { ...user('u1'), value: null }]);
    await topics.untilCommitted(world.id, topic, 3);
    expect((await stats('by=hour', 'users')).items).toEqual([{ hour: 13, count: 2, quantity: null, revenue: null }]);
    await recount('users');
    const exact = await stats('by=partition&kind=exact', 'users');
    expect(exact.items).toMatchObject([{ partition: 0, count: 1, samples: ['u2'] }]);
  });

  it('a topic that was deleted and made anew begins anew', async () => {
    await world.sink.stop();
    await topics.recreate(world.topic('orders'), { partitions: 3 });
    await world.sink.start();
    await api.upload(ordersCsv(0, 20), WAIT);
    const look = async () => countOf((await stats('by=partition')).items) === 20;
    await eventually(look, { timeoutMs: 30_000, everyMs: 500, what: 'statistics of the new topic' });
    expect((await stats('by=partition')).items).toHaveLength(3);
  });
});
