/** `POST /streams/:name/reconcile`: what a hand or a fault has done to a table is found, mended, and only that. */
import { jest } from '@jest/globals';
import type { Problem, Reconciliation } from '@orderstream/contracts';
import {
  ApiClient,
  KafkaTopics,
  orderId,
  orderJson,
  ordersCsv,
  Sandbox,
  StoreHand,
  type TopicRecord,
  writeTimeOf,
} from '@orderstream/testing';

jest.setTimeout(240_000);

const ROWS = 300;
const KEY = 'order_id';

describe('the table is held against the log', () => {
  let world: Sandbox;
  let api: ApiClient;
  let topics: KafkaTopics;
  let hand: StoreHand;

  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
    api = new ApiClient(world.api.url);
    topics = KafkaTopics.on(world.options.brokers);
    hand = await StoreHand.connect(world.options.contactPoints, world.keyspace);
  });
  afterAll(async () => {
    await hand?.close();
    await world?.close();
  });

  const post = async <T>(stream: string, query: string): Promise<{ status: number; body: T }> => {
    const response = await fetch(`${world.api.url}/streams/${stream}/reconcile${query}`, { method: 'POST' });
    return { status: response.status, body: (await response.json()) as T };
  };
  const reconciled = async (query = '', stream = 'orders'): Promise<Reconciliation> => {
    const { status, body } = await post<Reconciliation>(stream, query);
    expect({ status, body }).toMatchObject({ status: 200 });
    return body;
  };
  const countsOf = ({ missing, stale, foreign }: Reconciliation) => [missing.count, stale.count, foreign.count];
  const idsOf = ({ examples }: Reconciliation['missing'], column = KEY) =>
    examples.map(({ key }) => String(key[column])).sort();
  const passed = async (name: string): Promise<void> => {
    const topic = world.topic(name);
    await topics.untilCommitted(world.id, topic, await topics.length(topic));
  };
  const written = async (name: string, records: Parameters<KafkaTopics['write']>[1]) => {
    const places = await topics.write(world.topic(name), records);
    await passed(name);
    return places;
  };
  /** The sink never sees these records, as if it had lost them. */
  const skipped = async (name: string, records: Parameters<KafkaTopics['write']>[1]): Promise<void> => {
    await world.sink.stop();
    await topics.write(world.topic(name), records);
    await topics.passOver(world.id, world.topic(name));
    await world.sink.start();
  };
  const deleted = (id: string, atMicros = BigInt(Date.now()) * 1000n) =>
    hand.run(`DELETE FROM {keyspace}.orders USING TIMESTAMP ${atMicros} WHERE order_id = ?`, [id]);
  const productOf = async (id: string): Promise<unknown> =>
    (await hand.run('SELECT product FROM {keyspace}.orders WHERE order_id = ?', [id]))[0]?.['product'];
  /** The newest record of each order, by write time. */
  const newestPlaces = async (): Promise<Map<string, TopicRecord>> => {
    const newest = new Map<string, TopicRecord>();
    const records = (await topics.read(world.topic('orders'))).filter(({ value }) => value?.toString().startsWith('{'));
    for (const record of records) {
      const id = String((JSON.parse(String(record.value)) as Record<string, unknown>)[KEY]);
      const known = newest.get(id);
      if (!known || writeTimeOf(record) > writeTimeOf(known)) newest.set(id, record);
    }
    return newest;
  };

  it('a clean table has nothing to report; a dead letter is rejected, not missing', async () => {
    const job = await api.upload(ordersCsv(0, ROWS), '?wait=stored&timeout=1m');
    expect(job.counts.stored).toBe(ROWS);
    const tooLong = orderJson(0, { order_id: 'x'.repeat(70_000) });
    await written('orders', [{ value: 'no JSON' }, { value: tooLong }]);
    const answer = await reconciled();
    expect(countsOf(answer)).toEqual([0, 0, 0]);
    expect(answer).toMatchObject({ records: ROWS + 2, keys: ROWS, rejected: 2, pending: 0, expired: 0 });
    expect(answer).toMatchObject({ repair: null, overruled: null });
    expect(answer.recordsPerSecond).toBeGreaterThan(0);
    const letters = (await api.letters()).map(({ code }) => code).sort();
    expect(letters).toEqual(['refused_by_store', 'undecodable']);
  });

  const DELETED = Array.from({ length: 10 }, (_, n) => orderId(n));
  const STALE = Array.from({ length: 5 }, (_, n) => orderId(20 + n));
  const LOST = Array.from({ length: 4 }, (_, n) => orderId(n, 'lost'));
  const FOREIGN = Array.from({ length: 10 }, (_, n) => orderId(30 + n));

  it('names exactly the rows that were deleted, left behind, lost and overwritten, with their newest offsets', async () => {
    const timestamp = String(Date.now() + 1);
    await skipped('orders', [
      ...STALE.map((id, n) => ({ value: orderJson(20 + n, { order_id: id, product: 'newer' }), timestamp })),
      ...LOST.map((id, n) => ({ value: orderJson(n, { order_id: id }), timestamp })),
    ]);
    for (const id of DELETED) await deleted(id);
    await hand.run("UPDATE {keyspace}.orders SET product = 'by hand' WHERE order_id = ?", [FOREIGN[0]]);
    for (const id of FOREIGN.slice(1)) {
      const all = 'order_id, product, category, quantity, price, kafka_partition, kafka_offset, job_row';
      const values = "'by hand', 'books', 1, 1.5, 0, 1, 1";
      await hand.run(`INSERT INTO {keyspace}.orders (${all}) VALUES (?, ${values})`, [id]);
    }
    const answer = await reconciled();
    expect(idsOf(answer.missing)).toEqual([...DELETED, ...LOST].sort());
    expect(idsOf(answer.stale)).toEqual(STALE);
    expect(idsOf(answer.foreign)).toEqual(FOREIGN);
    const newest = await newestPlaces();
    for (const { key, topic, partition, offset, ...times } of [
      ...answer.missing.examples,
      ...answer.stale.examples,
      ...answer.foreign.examples,
    ]) {
      const record = newest.get(String(key[KEY]))!;
      expect({ topic, partition, offset }).toEqual({
        topic: world.topic('orders'),
        partition: record.partition,
        offset: record.offset,
      });
      expect(times.expectedWriteTimeMicros).toBe(String(writeTimeOf(record)));
    }
    expect(answer.missing.examples.every(({ foundWriteTimeMicros }) => foundWriteTimeMicros === null)).toBe(true);
    const one = answer.foreign.examples.find(({ key }) => key[KEY] === FOREIGN[0])!;
    expect(one.column).toBe('product');
    expect(BigInt(one.foundWriteTimeMicros!)).toBeGreaterThan(BigInt(one.expectedWriteTimeMicros));
  });

  it('a window reports the faults of its own records only', async () => {
    const newest = await newestPlaces();
    const { partition, offset } = newest.get(LOST[0]!)!;
    const one = await reconciled(`?partition=${partition}&fromOffset=${offset}&toOffset=${BigInt(offset) + 1n}`);
    expect(one).toMatchObject({ records: 1, keys: 1, windows: [{ partition, from: offset }] });
    expect(idsOf(one.missing)).toEqual([LOST[0]]);
    expect((await reconciled('?from=2099-01-01T00:00:00Z')).records).toBe(0);
    const past = await reconciled(`?to=2099-01-01T00:00:00Z`);
    expect(countsOf(past)).toEqual([14, 5, 10]);
  });

  it('a repair mends what is missing or stale; what a hand has shadowed it reports', async () => {
    const answer = await reconciled('?repair=true');
    expect(countsOf(answer)).toEqual([14, 5, 10]);
    expect(answer.repair).toMatchObject({ repaired: 9, shadowed: { count: 20 } });
    expect(idsOf(answer.repair!.shadowed)).toEqual([...DELETED, ...FOREIGN].sort());
    expect(answer.overruled).toBeNull();
    expect(await productOf(STALE[0]!)).toBe('newer');
    const again = await reconciled();
    expect(countsOf(again)).toEqual([10, 0, 10]);
  });

  it('overruled rows are published again with a new write time and a header that says so, and audited', async () => {
    const before = await topics.length(world.topic('orders'));
    const answer = await reconciled('?repair=true&overrule=true');
    expect(answer.repair).toMatchObject({ repaired: 0, shadowed: { count: 20 } });
    expect(answer.overruled!.count).toBe(20);
    await passed('orders');
    expect(await topics.length(world.topic('orders'))).toBe(before + 20);
    expect(countsOf(await reconciled())).toEqual([0, 0, 0]);
    expect(await productOf(FOREIGN[0]!)).toBe('Product 30');
    expect(await productOf(DELETED[3]!)).toBe('Product 3');

    const republished = (await topics.read(world.topic('orders'))).filter(({ headers }) => headers['os-overrules']);
    expect(republished.map(({ headers }) => String(headers['os-overrules']))).toEqual(Array(20).fill(answer.id));
    const receipts = republished.map(({ partition, offset }) => `${world.topic('orders')}:${partition}:${offset}`);
    expect(answer.overruled!.examples.map(({ receipt }) => receipt).sort()).toEqual(receipts.sort());
    expect(republished.every(({ headers }) => headers['os-job'] !== undefined)).toBe(true);

    const audit = await hand.run('SELECT record_key, fault, reconciliation_id FROM {keyspace}.overrules');
    expect(audit.map((row) => String(row['reconciliation_id']))).toEqual(Array(20).fill(answer.id));
    expect(audit.map((row) => (JSON.parse(String(row['record_key'])) as Record<string, string>)[KEY]).sort()).toEqual(
      [...DELETED, ...FOREIGN].sort(),
    );
  });

  it('a key that was updated after the window, or before it with a newer write time, is right', async () => {
    const now = BigInt(Date.now()) * 1000n;
    const at = (micros: bigint, product: string) => ({
      value: orderJson(1, { order_id: 'moved', product, category: product }),
      headers: { 'os-write-time': String(micros) },
    });
    const [newer, older, last] = await written('orders', [at(now, 'b'), at(now - 5n, 'a'), at(now + 5n, 'c')]);
    for (const { partition, offset } of [newer!, older!, last!]) {
      const window = `?partition=${partition}&fromOffset=${offset}&toOffset=${BigInt(offset) + 1n}`;
      const answer = await reconciled(window);
      expect({ keys: answer.keys, counts: countsOf(answer) }).toEqual({ keys: 1, counts: [0, 0, 0] });
    }
    await deleted('moved');
    const { missing } = await reconciled(`?partition=0&fromOffset=${older!.offset}&toOffset=${last!.offset}`);
    expect(missing.examples).toMatchObject([{ key: { order_id: 'moved' }, offset: last!.offset }]);
    await reconciled('?repair=true&overrule=true');
    await passed('orders');
    expect(await productOf('moved')).toBe('c');
  });

  it('a row of two records that each set a part is repaired and overruled whole, and what a hand added is cleared', async () => {
    const now = BigInt(Date.now()) * 1000n;
    const headers = (micros: bigint) => ({ 'os-write-time': String(micros) });
    const whole = { order_id: 'parts', customer_name: 'Ada', product: 'first' };
    await written('orders', [
      { value: orderJson(4, whole), headers: headers(now) },
      { value: orderJson(4, { ...whole, product: 'second', customer_name: undefined }), headers: headers(now + 1n) },
      { value: orderJson(4, { order_id: 'nameless', customer_name: undefined }), headers: headers(now) },
    ]);
    expect(countsOf(await reconciled())).toEqual([0, 0, 0]);
    await deleted('parts');
    await hand.run("UPDATE {keyspace}.orders SET customer_name = 'by hand' WHERE order_id = 'nameless'");
    const answer = await reconciled('?repair=true&overrule=true');
    expect(countsOf(answer)).toEqual([1, 0, 1]);
    expect(answer.overruled!.count).toBe(2);
    await passed('orders');
    const rows = await hand.run(
      "SELECT order_id, customer_name, product, total_amount FROM {keyspace}.orders WHERE order_id IN ('parts', 'nameless')",
    );
    const told = rows.map((row) => [row['order_id'], row['customer_name'], row['product']]).sort();
    expect(told).toEqual([
      ['nameless', null, 'Product 4'],
      ['parts', 'Ada', 'second'],
    ]);
    expect(rows.every((row) => row['total_amount'] !== null)).toBe(true);
    expect(countsOf(await reconciled())).toEqual([0, 0, 0]);
  });

  it('a deleted user must be absent: left in the table she is stale, brought back by hand she is foreign', async () => {
    const now = Date.now();
    const user = (id: string, ms: number) => ({
      key: id,
      value: JSON.stringify({ id, first_name: id }),
      timestamp: String(ms),
    });
    const gone = (id: string, ms: number) => ({ key: id, value: null, timestamp: String(ms) });
    await written('users_created', [user('ada', now - 9), user('bob', now - 9), user('eve', now - 9)]);
    await written('users_created', [gone('ada', now - 5), gone('bob', now - 5)]);
    expect(countsOf(await reconciled('', 'users'))).toEqual([0, 0, 0]);
    await skipped('users_created', [gone('eve', now - 1)]);
    await hand.run("INSERT INTO {keyspace}.created_users (id, first_name) VALUES ('bob', 'Bobby')");
    const found = await reconciled('', 'users');
    expect(countsOf(found)).toEqual([0, 1, 1]);
    expect([idsOf(found.stale, 'id'), idsOf(found.foreign, 'id')]).toEqual([['eve'], ['bob']]);
    const mended = await reconciled('?repair=true&overrule=true', 'users');
    expect([mended.repair!.repaired, mended.overruled!.count]).toEqual([1, 1]);
    await passed('users_created');
    expect(await hand.run('SELECT id FROM {keyspace}.created_users')).toEqual([]);
    expect(countsOf(await reconciled('', 'users'))).toEqual([0, 0, 0]);
  });

  it('records the sink has not passed are not judged, and a row they are on their way to is pending', async () => {
    await world.sink.stop();
    const behind = ['late-0', 'late-1'].map((id) => ({ value: orderJson(7, { order_id: id }) }));
    const nowMicros = BigInt(Date.now()) * 1000n;
    const value = orderJson(50, { order_id: orderId(50), product: 'on its way' });
    const update = { value, headers: { 'os-write-time': String(nowMicros) } };
    await topics.write(world.topic('orders'), [...behind, update]);
    await deleted(orderId(50), nowMicros + 1n);
    const answer = await reconciled();
    expect(countsOf(answer)).toEqual([0, 0, 0]);
    expect(answer.pending).toBe(1);
    await world.sink.start();
    await passed('orders');
    // The deletion is newer than the record, so it stays deleted, and now that is told.
    const { missing, pending } = await reconciled();
    expect([idsOf(missing), pending]).toEqual([[orderId(50)], 0]);
  });

  it('says what is wrong with a request', async () => {
    for (const [stream, query, status, code] of [
      ['nothing', '', 404, 'stream_not_found'],
      ['orders', '?fromOffset=1', 400, 'bad_parameter'],
      ['orders', '?partition=99', 400, 'bad_parameter'],
      ['orders', '?overrule=true', 400, 'bad_parameter'],
      ['orders', '?from=yesterday', 400, 'bad_parameter'],
    ] as const) {
      const { status: answered, body } = await post<Problem>(stream, query);
      expect({ query, answered, code: body.code }).toEqual({ query, answered: status, code });
    }
  });
});
