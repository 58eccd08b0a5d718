/** A plain JSON line, typed into Kafka's own console producer, is a first-class citizen on every topic. */
import { jest } from '@jest/globals';
import type { CassandraSession } from '@orderstream/cassandra';
import { ApiClient, cqlSession, eventually, Sandbox, typeIntoConsole } from '@orderstream/testing';

jest.setTimeout(240_000);

const ID = '6f1f0c52-5b6a-4c0e-9f0b-3d7c5d1f2a10';

/** topic, line, table, and what its row must hold */
const LINES: [topic: string, line: object, table: string, row: Record<string, unknown>][] = [
  [
    'orders',
    { order_id: 'o-1', product: 'Kite', category: 'toys', quantity: 3, price: 1.1, timestamp: '2026-03-01 10:00:00' },
    'orders',
    { product: 'Kite', total_amount: '3.3' },
  ],
  [
    'olist-orders',
    { order_id: 'o-2', customer_id: 'c-2', order_status: 'shipped', order_purchase_timestamp: '2026-03-02 09:30:00' },
    'olist_orders',
    { order_id: 'o-2', order_hour: 9, order_day_of_week: 'Monday' },
  ],
  [
    'incoming_finance_data',
    {
      transaction_id: ID,
      account_number: 'a-1',
      transaction_type: 'purchase',
      transaction_items: [
        { item_id: 'i1', product_name: 'Kite', quantity: 2, unit_price: 9.99 },
        { item_id: 'i2', product_name: 'Vase', quantity: 1, unit_price: 0.02 },
      ],
      shipping_info: { address: '1 Elm Street', tracking_number: ID },
    },
    'transactions',
    {
      products_list: 'Kite,Vase',
      total_price_spent: '20.00',
      total_quantity_bought: 3,
      shipping_address: '1 Elm Street',
    },
  ],
  ['users_created', { id: 'u-1', first_name: 'Ada', dob: '1815-12-10' }, 'created_users', { first_name: 'Ada' }],
  [
    'readings',
    { device_id: 'd-1', time: '2026-03-01T23:59:59.500Z', metric: 'temperature', value: -4.25 },
    'sensor_readings',
    { metric: 'temperature', value: '-4.25', day: '2026-03-01' },
  ],
];

describe('a line typed into the console producer', () => {
  let world: Sandbox;
  let session: CassandraSession;

  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
    session = await cqlSession(world);
  });
  afterAll(async () => {
    await session?.close();
    await world?.close();
  });

  it.each(LINES)('into %s is stored, with what is derived of it', async (topic, line, table, row) => {
    await typeIntoConsole(world.options.brokers, world.topic(topic), [JSON.stringify(line)]);
    const stored = await eventually(async () => {
      const { rows } = await session.execute(`SELECT * FROM ${world.keyspace}.${table}`);
      return rows[0];
    });
    const shown = Object.keys(row).map((name) => [name, shownValue(stored[name])]);
    expect(Object.fromEntries(shown)).toEqual(row);
  });

  it.each(['o-1', 'o-2'])('order %s is answered by the API', async (id) => {
    const { status, body } = await new ApiClient(world.api.url).get<{ record: object }>(`/orders/${id}`);
    expect([status, body.record]).toEqual([200, expect.objectContaining({ order_id: id })]);
  });

  it('that is no record is a letter, and stops nothing', async () => {
    const api = new ApiClient(world.api.url);
    await typeIntoConsole(world.options.brokers, world.topic('readings'), ['hello', JSON.stringify(LINES[4]![1])]);
    const letters = await eventually(async () => {
      const all = await api.letters();
      return all.length > 0 && all;
    });
    expect(letters).toMatchObject([{ code: 'undecodable', topic: world.topic('readings') }]);
  });
});

/** Numbers as they are; decimals and dates as their text. */
const shownValue = (value: unknown): unknown =>
  typeof value === 'number' ? value : (value as { toString(): string }).toString();
