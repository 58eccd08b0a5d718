import fc from 'fast-check';
import { builtInStreams } from '../built-in-streams.js';
import { compileStream } from '../compile-stream.js';
import { defineStream } from '../define/define-stream.js';
import { OLIST_ORDERS } from '../olist-orders.stream.js';
import { ORDERS } from '../orders.stream.js';
import { StreamRegistry } from '../stream-registry.js';
import { RowFaults, type CompiledStream, type Row } from '../stream.js';
import { READINGS } from '../readings.stream.js';
import { TRANSACTIONS } from '../transactions.stream.js';
import { USERS } from '../users.stream.js';
import { createGenerator, type GeneratorOptions } from './create-generator.js';
import { Dice, hexOf, saltOf } from './dice.js';
import { sampleCsv } from './sample-csv.js';

const streams = builtInStreams().map((definition) => [definition.name, compileStream(definition)] as const);
const START = Date.UTC(2024, 0, 1);

const rowsOf = (stream: CompiledStream, count: number, options: Partial<GeneratorOptions> = {}): Row[] => {
  const generator = createGenerator(stream, { seed: 1, startTimeMs: START, ratePerSecond: 50, ...options });
  return Array.from({ length: count }, (_, i) => generator.row(i));
};

const column = (stream: CompiledStream, name: string): number => stream.columns.findIndex((c) => c.name === name);

/** Partition of a key as Kafka's and kafkajs's default partitioners compute it: murmur2 of its bytes. */
function partitionOf(key: string, partitions: number): number {
  const bytes = Buffer.from(key);
  const m = 0x5bd1e995;
  let h = 0x9747b28c ^ bytes.length;
  const whole = bytes.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    let k = Math.imul(bytes.readInt32LE(i), m);
    k = Math.imul(k ^ (k >>> 24), m);
    h = Math.imul(h, m) ^ k;
  }
  for (let i = bytes.length - 1; i >= whole; i--) h ^= bytes[i]! << (8 * (i - whole));
  if (bytes.length > whole) h = Math.imul(h, m);
  h = Math.imul(h ^ (h >>> 13), m);
  return ((h ^ (h >>> 15)) & 0x7fffffff) % partitions;
}

describe.each(streams)('generated %s', (_, stream) => {
  it('are accepted by their own stream and say the same in JSON', () => {
    for (const row of rowsOf(stream, 2000)) {
      expect(stream.readJson(JSON.parse(stream.toJson(row)))).toEqual(row);
      expect(stream.derive(row)).toBeUndefined();
    }
  });

  it('are the same for the same seed, in any order of calls', () => {
    const indexes = fc.array(fc.oneof(fc.nat(1000), fc.integer({ min: 0, max: 2 ** 33 })), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.string()), indexes, (seed, order) => {
        const options = { seed, startTimeMs: START, ratePerSecond: 50 };
        const one = createGenerator(stream, options);
        const other = createGenerator(stream, { ...options, seed: String(seed) });
        const expected = new Map([...order].sort((a, b) => a - b).map((i) => [i, one.row(i)]));
        expect(other.runKey).toBe(one.runKey);
        for (const i of order) expect(other.row(i)).toEqual(expected.get(i));
      }),
      { numRuns: 50 },
    );
  });

  it('are others for another seed, start, rate or stream', () => {
    const keys = [
      { seed: 1, startTimeMs: START, ratePerSecond: 50 },
      { seed: 2, startTimeMs: START, ratePerSecond: 50 },
      { seed: 1, startTimeMs: START + 1, ratePerSecond: 50 },
      { seed: 1, startTimeMs: START, ratePerSecond: 51 },
    ].map((options) => createGenerator(stream, options).runKey);
    const foreign = streams.filter(([name]) => name !== stream.name);
    keys.push(
      ...foreign.map(([, other]) => createGenerator(other, { seed: 1, startTimeMs: START, ratePerSecond: 50 }).runKey),
    );
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{16}$/);
  });

  it('have distinct keys of their table', () => {
    const { partition, clustering } = stream.definition.primaryKey;
    const key = [...partition, ...clustering.map(({ field }) => field)].map((name) => column(stream, name));
    const rows = rowsOf(stream, 5000).map((row) => key.map((c) => String(row[c])).join('|'));
    expect(new Set(rows).size).toBe(rows.length);
  });
});

describe('generated orders', () => {
  const orders = compileStream(ORDERS);

  it('use all three partitions of the topic about evenly', () => {
    const counts = [0, 0, 0];
    for (const row of rowsOf(orders, 3000)) counts[partitionOf(orders.keyOf(row), 3)]!++;
    for (const count of counts) expect(count).toBeGreaterThan(800);
  });

  it('have products of their category, prices with two decimals, and the times of their rate', () => {
    const spec = ORDERS.fields.find(({ name }) => name === 'product')!.fake;
    const products = spec?.kind === 'oneOfBy' ? spec.values : {};
    const seen = new Set<string>();
    rowsOf(orders, 2000, { ratePerSecond: 3 }).forEach((row, i) => {
      expect(products[String(row[column(orders, 'category')])]).toContain(row[column(orders, 'product')]);
      expect(row[column(orders, 'price')]).toMatch(/^\d+\.\d\d$/);
      expect(row[column(orders, 'timestamp')]).toBe(START + Math.floor((i * 1000) / 3));
      seen.add(String(row[column(orders, 'product')]));
    });
    expect(seen.size).toBe(Object.values(products).flat().length);
  });

  it('are named after their run', () => {
    const generator = createGenerator(orders, { seed: 1, startTimeMs: START, ratePerSecond: 1 });
    expect(generator.row(7)[0]).toBe(`${generator.runKey}-7`);
  });
});

describe('generated olist-orders', () => {
  const olist = compileStream(OLIST_ORDERS);

  it('go their way in order, with the blanks of their status', () => {
    const [status, purchase, approved, carrier, customer, estimated] = [2, 3, 4, 5, 6, 7] as const;
    const rows = rowsOf(olist, 5000);
    for (const row of rows) {
      const times = [row[purchase], row[approved], row[carrier], row[customer]];
      const set = times.filter((time) => time !== undefined) as number[];
      expect(set).toEqual([...set].sort((a, b) => a - b));
      expect(times.slice(0, set.length)).toEqual(set);
      expect(row[customer] !== undefined).toBe(row[status] === 'delivered');
      expect(row[estimated] as number).toBeGreaterThan(row[purchase] as number);
      expect((row[estimated] as number) % 86_400_000).toBe(0);
    }
    const delivered = rows.filter((row) => row[status] === 'delivered').length;
    expect(delivered).toBeGreaterThan(4700);
    expect(delivered).toBeLessThan(4990);
  });
});

describe('generated transactions', () => {
  const transactions = compileStream(TRANSACTIONS);
  const value = (row: Row, name: string) => row[column(transactions, name)];

  it('are of accounts with one holder and one address each, in all three partitions of the topic', () => {
    const counts = [0, 0, 0];
    const ownersByAccount = new Map<unknown, Set<string>>();
    for (const row of rowsOf(transactions, 3000, { keys: 500 })) {
      counts[partitionOf(transactions.keyOf(row), 3)]!++;
      const account = value(row, 'account_number');
      const owner = [value(row, 'account_holder'), value(row, 'shipping_address')].join();
      ownersByAccount.set(account, (ownersByAccount.get(account) ?? new Set()).add(owner));
      expect(account).toMatch(/^[1-9]\d{9}$/);
    }
    for (const count of counts) expect(count).toBeGreaterThan(700);
    expect([...ownersByAccount.values()].every(({ size }) => size === 1)).toBe(true);
    expect(ownersByAccount.size).toBeGreaterThan(450);
  });

  it('have one to four items, whose product goes by its id, and arrive after they were bought', () => {
    const products = new Map<string, string>();
    const sizes = new Set<number>();
    for (const row of rowsOf(transactions, 2000)) {
      const items = JSON.parse(String(value(row, 'transaction_items'))) as Record<string, string>[];
      sizes.add(items.length);
      for (const { item_id = '', product_name = '' } of items) {
        expect(products.get(item_id) ?? product_name).toBe(product_name);
        products.set(item_id, product_name);
      }
      expect(value(row, 'transaction_date')).toMatch(/^2024-01-0\d$/);
      expect(String(value(row, 'estimated_delivery')) > String(value(row, 'transaction_date'))).toBe(true);
      expect(value(row, 'transaction_id')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    }
    expect([...sizes].sort()).toEqual([1, 2, 3, 4]);
    expect(products.size).toBeGreaterThan(1000);
  });
});

describe('generated readings', () => {
  it('come of all devices and metrics, in all three partitions of the topic', () => {
    const readings = compileStream(READINGS);
    const counts = [0, 0, 0];
    const series = new Set<string>();
    for (const row of rowsOf(readings, 3000)) {
      counts[partitionOf(readings.keyOf(row), 3)]!++;
      series.add(`${String(row[0])} ${String(row[2])}`);
    }
    for (const count of counts) expect(count).toBeGreaterThan(500);
    expect(series.size).toBe(300);
  });
});

describe('generated users', () => {
  it('have an address of their own name', () => {
    const users = compileStream(USERS);
    for (const row of rowsOf(users, 500)) {
      const names = [row[1], row[2]].map((name) =>
        String(name)
          .normalize('NFD')
          .replace(/[^a-z]/gi, '')
          .toLowerCase(),
      );
      expect(row[6]).toMatch(new RegExp(`^${names[0]}\\.${names[1]}\\d+@example\\.com$`));
      expect(String(row[7])).toContain(`${names[0]}_${names[1]}`);
    }
  });
});

describe('the generator', () => {
  const orders = compileStream(ORDERS);

  it.each([-1, 1.5, NaN, Infinity])('refuses the index %s', (index) => {
    const generator = createGenerator(orders, { seed: 1, startTimeMs: START, ratePerSecond: 1 });
    expect(() => generator.row(index)).toThrow(RangeError);
  });

  it.each([
    { startTimeMs: NaN, ratePerSecond: 1 },
    { startTimeMs: 1e18, ratePerSecond: 1 },
    { startTimeMs: START, ratePerSecond: 0 },
    { startTimeMs: START, ratePerSecond: Infinity },
  ])('refuses %j', (options) => {
    expect(() => createGenerator(orders, { seed: 1, ...options })).toThrow(RangeError);
  });

  it('says which required fields do not say how they are faked', () => {
    const { fake: _fake, ...bare } = ORDERS.fields[0]!;
    const stream = compileStream(defineStream({ ...ORDERS, fields: [bare, ...ORDERS.fields.slice(1)] }));
    expect(() => createGenerator(stream, { seed: 1, startTimeMs: START, ratePerSecond: 1 })).toThrow(
      /fields order_id\./,
    );
  });

  it('makes distinct hexadecimal ids beyond 2^32 too', () => {
    const salt = saltOf('ids');
    const indexes = [0, 1, 2 ** 32, 2 ** 32 + 1, 2 ** 33, 2 ** 52].flatMap((base) => [base, base + 2, base + 4]);
    expect(new Set(indexes.map((index) => hexOf(salt, index, 16))).size).toBe(new Set(indexes).size);
    expect(hexOf(salt, 5, 37)).toMatch(/^[0-9a-f]{37}$/);
  });

  it('throws dice that stay in bounds and reach all of them', () => {
    const dice = new Dice(saltOf('dice'));
    const seen = new Set<number>();
    for (let i = 0; i < 1000; i++) {
      dice.seat(i);
      seen.add(dice.below(6));
      const large = dice.below(2 ** 53);
      expect(Number.isSafeInteger(large) && large >= 0).toBe(true);
    }
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describe('a sample file', () => {
  const text = (rows: number, seed = 1) => [...sampleCsv(compileStream(OLIST_ORDERS), { rows, seed })].join('');

  it('has the columns of the public file in their order and times to the second', () => {
    const [header, first] = text(3).split('\n');
    expect(header).toBe(
      'order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_delivered_carrier_date,' +
        'order_delivered_customer_date,order_estimated_delivery_date',
    );
    expect(first).toMatch(/^[0-9a-f]{32},[0-9a-f]{32},[a-z]+,\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,/);
  });

  it('has as many distinct, acceptable rows as asked for, the same for the same seed', () => {
    const registry = new StreamRegistry(builtInStreams());
    const [header, ...lines] = text(1201).trimEnd().split('\n');
    expect(new Set(lines).size).toBe(1201);
    const recognition = registry.recognise(header!.split(','));
    if (!('stream' in recognition)) throw new Error('The header of the sample is not recognised.');
    const read = recognition.stream.readCells(recognition.mapping);
    for (const line of lines) expect(read(line.split(','))).not.toBeInstanceOf(RowFaults);
    expect(text(1201)).toBe(text(1201));
    expect(text(5, 2)).not.toBe(text(5, 1));
    expect(text(0).split('\n')).toHaveLength(2);
  });

  it('comes in chunks, so that a file of any size can be streamed', () => {
    const chunks = [...sampleCsv(compileStream(OLIST_ORDERS), { rows: 1201, seed: 1 })];
    expect(chunks.map((chunk) => chunk.split('\n').length - 1)).toEqual([1, 500, 500, 201]);
  });

  it('quotes cells that need it', () => {
    const users = [...sampleCsv(compileStream(USERS), { rows: 1, seed: 1 })].join('');
    expect(users).toMatch(/,"\d+ [A-Za-z ]+, [A-Za-z]+",/);
  });
});
