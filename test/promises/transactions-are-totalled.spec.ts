/** Nested records are stored flat with exact totals, and what is derived of them is published before they count as done. */
import { jest } from '@jest/globals';
import type { CassandraSession, ResultRow } from '@orderstream/cassandra';
import {
  ApiClient,
  cqlSession,
  eventually,
  FLAWLESS,
  KafkaTopics,
  Sandbox,
  startRun,
  verifyRun,
  type TopicRecord,
} from '@orderstream/testing';

jest.setTimeout(240_000);

const RECORDS = 10_000;
const PLANTED = 200;
const LINEAGE = ['kafka_partition', 'kafka_offset', 'job_id', 'job_row', 'write_time'];

interface Item {
  readonly product_name: string;
  readonly quantity: number;
  readonly unit_price: string;
}

/** Cents of a price with two decimals: the generated ones have no others. */
const cents = (price: string): bigint => BigInt(price.replace('.', ''));

/** What the columns must hold, worked out from the items alone. */
function totalsOf(items: readonly Item[]) {
  const spent = items.reduce((sum, { quantity, unit_price }) => sum + BigInt(quantity) * cents(unit_price), 0n);
  const digits = String(spent).padStart(3, '0');
  return {
    products_list: items.map(({ product_name }) => product_name).join(','),
    total_price_spent: `${digits.slice(0, -2)}.${digits.slice(-2)}`,
    total_quantity_bought: items.reduce((sum, { quantity }) => sum + quantity, 0),
  };
}

const headerOf = ({ headers }: TopicRecord, name: string): string | undefined =>
  headers[name] === undefined ? undefined : String(headers[name]);

/** A nested transaction as a service sends it. */
const transaction = (n: number, fields: object = {}) => ({
  transaction_id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  account_number: `acc-${n % 7}`,
  transaction_type: 'purchase',
  amount: 12.5,
  transaction_date: '2026-03-01',
  transaction_items: [
    { item_id: 'i1', product_name: 'Kite, "red"', quantity: (n % 5) + 1, unit_price: 9.99 },
    { item_id: 'i2', product_name: 'Vase', quantity: 1, unit_price: '0.01' },
  ],
  shipping_info: { address: `${n} Elm Street`, shipping_method: 'express', shipping_cost: 4 },
  discount_applied: n % 2 === 0,
  ...fields,
});

describe('transactions are totalled', () => {
  let world: Sandbox;
  let api: ApiClient;
  let session: CassandraSession;
  let topics: KafkaTopics;
  let derivedTopic: string;

  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
    api = new ApiClient(world.api.url);
    session = await cqlSession(world);
    topics = KafkaTopics.on(world.options.brokers);
    derivedTopic = world.topic('processed_finance_data');
  });
  afterAll(async () => {
    await session?.close();
    await world?.close();
  });

  /** Rows of the table by id. */
  async function rowsOf(where = ''): Promise<Map<string, ResultRow>> {
    const select = `SELECT JSON * FROM ${world.keyspace}.transactions ${where}`;
    const times = `SELECT transaction_id, WRITETIME(kafka_partition) AS write_time FROM ${world.keyspace}.transactions ${where}`;
    const timeById = new Map<string, string>();
    const rows = new Map<string, ResultRow>();
    const options = { fetchSize: 1_000, requestTimeoutMs: 30_000 };
    for await (const page of session.pages(times, [], options))
      for (const row of page) timeById.set(String(row['transaction_id']), String(row['write_time']));
    for await (const page of session.pages(select, [], options)) {
      for (const json of page) {
        const row = JSON.parse(exactDecimals(String(json['[json]']))) as ResultRow;
        const id = String(row['transaction_id']);
        rows.set(id, { ...row, write_time: timeById.get(id) });
      }
    }
    return rows;
  }

  /** Cassandra writes decimals as numbers, whose last zeros JavaScript would drop. */
  const exactDecimals = (json: string): string =>
    json.replace(/"(amount|balance_after_transaction|shipping_cost|total_price_spent)": (-?[\d.]+)/g, '"$1": "$2"');

  it('10,000 generated ones: totals and lists are those of an independent computation, what was planted is refused and counted, and the derived topic has every one that is stored', async () => {
    const run = await startRun(api, `stream=transactions&rate=5000&count=${RECORDS}&faults=0.02&seed=totals`);
    const job = await api.settled(run.id);
    expect(job.counts).toMatchObject({ received: RECORDS, stored: RECORDS - PLANTED, rejected: PLANTED });
    expect(job.segments.map(({ partition }) => partition).sort()).toEqual(expect.arrayContaining([0, 1, 2]));

    const rows = await rowsOf();
    expect(rows.size).toBe(RECORDS - PLANTED);
    for (const row of rows.values()) {
      const items = JSON.parse(String(row['transaction_items'])) as Item[];
      expect(items.length).toBeGreaterThan(0);
      expect(row).toMatchObject(totalsOf(items));
      expect(row['shipping_address']).toMatch(/\w, \w/);
    }

    const letters = await api.letters();
    expect(letters).toHaveLength(PLANTED);
    const withoutType = letters.filter(({ column }) => column === 'transaction_type');
    expect(new Set(withoutType.map(({ code }) => code))).toEqual(new Set(['missing_value']));
    expect(withoutType[0]!.reason).toContain('transaction_type is required');
    expect(job.rejectedByCode['missing_value']).toBeGreaterThanOrEqual(withoutType.length);

    await expectDerived(rows);
    expect(await verifyRun(api, run.id)).toMatchObject({ ...FLAWLESS, stored: RECORDS - PLANTED, rejected: PLANTED });
  });

  /** Each stored row at least once, nothing else, with its key, its write time and no job. */
  async function expectDerived(rows: ReadonlyMap<string, ResultRow>): Promise<void> {
    const derived = await topics.read(derivedTopic);
    const seen = new Set<string>();
    for (const record of derived) {
      const value = JSON.parse(String(record.value)) as Record<string, unknown>;
      const row = rows.get(String(value['transaction_id']))!;
      seen.add(String(value['transaction_id']));
      expect(String(record.key)).toBe(row['account_number']);
      expect([headerOf(record, 'os-write-time'), headerOf(record, 'os-job')]).toEqual([row['write_time'], undefined]);
      const flat = { ...value, transaction_items: JSON.stringify(value['transaction_items']) };
      const stored = Object.entries(row).filter(([name, cell]) => !LINEAGE.includes(name) && cell !== null);
      expect(flat).toEqual(Object.fromEntries(stored));
    }
    expect(seen.size).toBe(rows.size);
  }

  it('a null or blank transaction_type is refused with that reason, at the door and in the sink, and counted', async () => {
    const types = [null, '', '  ', undefined];
    const lines = Array.from({ length: 12 }, (_, n) => transaction(n, n < 4 ? { transaction_type: types[n] } : {}));
    const body = lines.map((line) => JSON.stringify(line)).join('\n');
    const { id } = await api.upload(body, '?wait=stored', 'application/x-ndjson');
    const job = await api.settled(id);
    expect(job).toMatchObject({
      stream: 'transactions',
      counts: { received: 12, stored: 8, rejectedAtDoor: 4 },
      rejectedByCode: { missing_value: 4 },
    });
    const { body: rejects } = await api.get<{ items: { column: string; code: string }[] }>(`/jobs/${id}/rejects`);
    expect(rejects.items.map(({ column, code }) => [column, code])).toEqual(
      Array.from({ length: 4 }, () => ['transaction_type', 'missing_value']),
    );

    const before = (await api.letters()).length;
    const raw = transaction(99, { transaction_type: null });
    await topics.write(world.topic('incoming_finance_data'), [{ key: 'acc-1', value: JSON.stringify(raw) }]);
    const letters = await eventually(async () => {
      const now = await api.letters();
      return now.length > before && now;
    });
    const own = letters.find(({ row, column }) => row === null && column === 'transaction_type');
    expect(own).toMatchObject({
      code: 'missing_value',
      stage: 'transform',
      topic: world.topic('incoming_finance_data'),
    });
  });

  it.each([
    [
      'dotted headers',
      ['shipping_info.address', 'shipping_info.shipping_method', 'shipping_info.shipping_cost'],
      ({ address, shipping_method, shipping_cost }: Shipping) => [address, shipping_method, String(shipping_cost)],
    ],
    ['a JSON cell', ['shipping_info'], (shipping: Shipping) => [JSON.stringify(shipping)]],
  ] as const)('a CSV file with %s makes the same rows as nested JSON', async (_, shippingHeader, shippingCells) => {
    const records = Array.from({ length: 20 }, (_unused, n) => transaction(1000 + n));
    const json = await api.upload(JSON.stringify(records), '?wait=stored', 'application/json');
    await api.settled(json.id);
    const fields = [
      'transaction_id',
      'account_number',
      'transaction_type',
      'amount',
      'transaction_date',
      'discount_applied',
    ];
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    const lines = records.map((record) => {
      const plain = fields.map((name) => String((record as Record<string, unknown>)[name] as string));
      return [...plain, JSON.stringify(record.transaction_items), ...shippingCells(record.shipping_info)]
        .map(quoted)
        .join(',');
    });
    const imageOf = async () => {
      const ids = records.map((record) => record.transaction_id).join(',');
      const rows = await rowsOf(`WHERE transaction_id IN (${ids})`);
      return [...rows.values()].map((row) => Object.entries(row).filter(([name]) => !LINEAGE.includes(name)));
    };
    const expected = await imageOf();
    expect(expected).toHaveLength(20);
    const file = [[...fields, 'transaction_items', ...shippingHeader].join(','), ...lines].join('\n');
    const csv = await api.upload(file, '?wait=stored');
    expect(await api.settled(csv.id)).toMatchObject({ stream: 'transactions', counts: { stored: 20, rejected: 0 } });
    expect(await imageOf()).toEqual(expected);
  });

  it('no offset is committed before the derived record is acknowledged; the partition waits and goes on by itself', async () => {
    const topic = world.topic('incoming_finance_data');
    const idle = async () => (await topics.lag(world.id, topic)) === 0;
    await eventually(idle);
    const committed = await topics.committed(world.id, topic);
    await topics.remove(derivedTopic);
    const saidBefore = world.sink.output.join('').length;
    const sent = Array.from({ length: 5 }, (_unused, n) => transaction(5000 + n));
    try {
      await topics.write(
        topic,
        sent.map((each) => ({ key: each.account_number, value: JSON.stringify(each) })),
      );
      const ids = sent.map((each) => each.transaction_id).join(',');
      await eventually(async () => (await rowsOf(`WHERE transaction_id IN (${ids})`)).size === sent.length);
      await eventually(async () => world.sink.output.join('').slice(saidBefore).includes('derived_not_published'));
      expect(await topics.committed(world.id, topic)).toBe(committed);
    } finally {
      await topics.create(derivedTopic, { partitions: 3 });
    }
    await eventually(idle, { timeoutMs: 60_000, what: 'the partition goes on' });
    expect(await topics.committed(world.id, topic)).toBe(committed + sent.length);
    const derived = (await topics.read(derivedTopic)).map(
      ({ value }) => JSON.parse(String(value)) as { transaction_id: string },
    );
    const ids = new Set(derived.map(({ transaction_id }) => transaction_id));
    for (const { transaction_id } of sent) expect(ids).toContain(transaction_id);
  });

  it('nobody of ours reads the derived topic', async () => {
    const { body } = await api.get<{ items: { topic: string }[] }>('/streams');
    expect(JSON.stringify(body)).not.toContain('"topic":"' + derivedTopic);
    expect(await topics.committed(world.id, derivedTopic)).toBe(0);
  });
});

type Shipping = ReturnType<typeof transaction>['shipping_info'];
