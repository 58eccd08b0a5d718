/**
 * Promise 3 in a topic: whatever a producer sends, the record comes back as a dead letter with its reason, byte for
 * byte, and its neighbours are stored. Raw producer, real broker, real store; nothing here goes through our API.
 */
import { jest } from '@jest/globals';
import {
  ApiClient,
  KafkaTopics,
  numberedOrder,
  orderId,
  orderIds,
  orderJson,
  Sandbox,
  StoreReader,
  type LetterDetail,
  type RawRecord,
  type TopicRecord,
} from '@orderstream/testing';

jest.setTimeout(180_000);

interface Poison extends RawRecord {
  readonly is: string;
  readonly code: string;
  readonly stage: 'decode' | 'transform' | 'write';
}

const DAY_US = 86_400_000_000n;
const inDays = (days: bigint): string => String(BigInt(Date.now()) * 1000n + days * DAY_US);
const decode = (
  is: string,
  value: Buffer | string | null,
  code = 'undecodable',
  more: Partial<RawRecord> = {},
): Poison => ({
  is,
  value,
  code,
  stage: 'decode',
  ...more,
});
const transform = (is: string, value: string, code: string): Poison => ({ is, value, code, stage: 'transform' });
const wrong = (is: string, fields: Readonly<Record<string, unknown>>, code: string): Poison =>
  transform(is, orderJson(900_000, fields), code);
const header = (is: string, headers: RawRecord['headers'], code = 'bad_header'): Poison =>
  decode(is, orderJson(900_001), code, { headers: headers! });

const POISON: readonly Poison[] = [
  decode('text that is not JSON', 'order 17, please'),
  decode('half an object', '{"order_id":"x","product"'),
  decode('NaN, which JSON does not have', orderJson(900_002).replace(/"quantity":\d+/, '"quantity":NaN')),
  decode(
    'bytes that are not UTF-8',
    Buffer.concat([Buffer.from('{"order_id":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
  ),
  decode('a value of no bytes', Buffer.alloc(0)),
  decode('white space', '  \n '),
  decode('garbage of 300 KB', 'x'.repeat(300_000)),
  decode('Avro with a schema id nobody knows', Buffer.from([0, 0, 0, 0, 77, 2, 120]), 'unknown_schema'),
  decode('the first three bytes of Avro', Buffer.from([0, 0, 0])),
  decode('a null value where the key is not the primary key', null, 'tombstone_not_supported', { key: 'books' }),
  header('a write time that is no number', { 'os-write-time': 'yesterday' }),
  header('a write time of 0', { 'os-write-time': '0' }),
  header('a job that is no uuid', { 'os-job': '17' }),
  header('a row that is no number', { 'os-job': '7f0d2f46-3e0f-4d4b-9c8f-3f2a4a1b2c3d', 'os-row': '-1' }),
  header('a write time two days ahead', { 'os-write-time': inDays(2n) }, 'write_time_in_future'),
  decode('a record from before 1970', orderJson(900_003), 'bad_record_time', { timestamp: '-1' }),
  transform('an array', `[${orderJson(900_004)}]`, 'not_an_object'),
  transform('a text', '"order 17"', 'not_an_object'),
  transform('null, as text', 'null', 'not_an_object'),
  transform('an array ten thousand deep', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, 'not_an_object'),
  transform('an object of nothing', '{}', 'missing_value'),
  wrong('a missing field', { category: undefined }, 'missing_value'),
  wrong('a blank id', { order_id: '' }, 'missing_value'),
  wrong('an object where a text belongs', { product: { name: 'Kite' } }, 'bad_text'),
  wrong('half a piece', { quantity: 1.5 }, 'bad_int'),
  wrong('a quantity in words', { quantity: 'three' }, 'bad_int'),
  wrong('more than an int holds', { quantity: 3_000_000_000 }, 'bad_int'),
  wrong('a quantity of 0', { quantity: 0 }, 'out_of_range'),
  wrong('a price of NaN, as text', { price: 'NaN' }, 'bad_decimal'),
  wrong('a price below 0', { price: '-0.01' }, 'out_of_range'),
  wrong('the 30th of February', { timestamp: '2026-02-30T00:00:00Z' }, 'bad_timestamp'),
  wrong(
    'a total that is not quantity × price',
    { quantity: 2, price: '1.50', total_amount: '3.01' },
    'derived_mismatch',
  ),
  {
    is: 'an id longer than Cassandra takes',
    value: orderJson(1, { order_id: 'i'.repeat(70_000) }),
    code: 'refused_by_store',
    stage: 'write',
  },
];

/** Poison i lies between sound orders 2i and 2i + 1, all in one partition, so that it has neighbours in its batch. */
const SOUND = POISON.length * 2;
const records: readonly RawRecord[] = POISON.flatMap((poison, i) => {
  const { value, key, headers, timestamp } = poison;
  const bad: RawRecord = {
    value,
    ...(key !== undefined && { key }),
    ...(headers && { headers }),
    ...(timestamp && { timestamp }),
  };
  return [{ value: orderJson(2 * i) }, bad, { value: orderJson(2 * i + 1) }];
});

describe('one bad record in a topic stops nothing', () => {
  let world: Sandbox;
  let topics: KafkaTopics;
  let store: StoreReader;
  let api: ApiClient;
  let topic: string;
  const letterByPoison = new Map<string, LetterDetail>();
  let letterRecords: TopicRecord[];

  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
    topics = KafkaTopics.on(world.options.brokers);
    store = await StoreReader.connect(world.options.contactPoints, world.keyspace);
    api = new ApiClient(world.api.url);
    topic = world.topic('orders');
    const places = await topics.write(topic, records);
    await topics.untilCommitted(world.id, topic, records.length);
    for (const [i, poison] of POISON.entries()) {
      const { partition, offset } = places[3 * i + 1]!;
      const { status, body } = await api.letter(`${topic}-${partition}-${offset}`);
      if (status === 200) letterByPoison.set(poison.is, body);
    }
    letterRecords = await topics.read(`${topic}.dead-letters`);
  });

  afterAll(async () => {
    await store?.close();
    await world?.close();
  });

  it.each(POISON)('$is: $code', async ({ is, code, stage, value }) => {
    const letter = letterByPoison.get(is);
    expect(letter).toMatchObject({ code, stage, topic, state: 'open' });
    expect(letter!.reason).not.toBe('');
    const bytes = value === null ? null : Buffer.from(value);
    expect(letter!.valueBase64).toBe(bytes && bytes.toString('base64'));

    const onTopic = letterRecords.filter(({ headers }) => String(headers['os-origin-offset']) === letter!.offset);
    // Once in the table; on the topic again when the sink did not hear in time that it was there.
    expect(onTopic.length).toBeGreaterThan(0);
    for (const { value: sent, headers } of onTopic) {
      expect(sent && Buffer.compare(sent, bytes!)).toBe(bytes && 0);
      expect(Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, String(text)]))).toMatchObject({
        'os-error-code': code,
        'os-error-stage': stage,
        'os-error-message': letter!.reason,
        'os-origin-topic': topic,
        'os-origin-partition': String(letter!.partition),
      });
    }
  });

  it('keeps the headers a record came with', async () => {
    expect(letterByPoison.get('a write time that is no number')?.headers).toMatchObject({
      'os-write-time': 'yesterday',
    });
  });

  it('stores every neighbour, and nothing else', async () => {
    expect(new Set((await store.rows('orders', 'order_id')).keys())).toEqual(orderIds(0, SOUND));
  });

  it('counts every letter once, in a group per cause', async () => {
    const { open, items } = await api.letterGroups();
    expect(open).toBe(POISON.length);
    expect(items.reduce((sum, { count }) => sum + count, 0)).toBe(POISON.length);
    const single = (await api.letters()).map(({ id }) => id);
    expect(new Set(single).size).toBe(POISON.length);
    const origin = ({ headers }: TopicRecord) =>
      `${String(headers['os-origin-partition'])}-${String(headers['os-origin-offset'])}`;
    expect(new Set(letterRecords.map(origin)).size).toBe(POISON.length);
  });

  it('leaves the worker ready, with no partition stopped', async () => {
    const ready = await fetch(`${world.sink.url}/health/ready`);
    expect(ready.status).toBe(200);
  });
});

describe('a record only Cassandra refuses', () => {
  let world: Sandbox;
  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
  });
  afterAll(() => world?.close());

  it('is alone in the dead letters; the other rows of its upload are stored, and the job says so', async () => {
    const api = new ApiClient(world.api.url);
    const rows = Array.from({ length: 1000 }, (_, n) =>
      numberedOrder(n, n === 500 ? { order_id: 'i'.repeat(70_000) } : {}),
    );
    const job = await api.upload(
      rows.map((row) => JSON.stringify(row)).join('\n'),
      '?wait=stored',
      'application/x-ndjson',
    );
    expect(job).toMatchObject({
      state: 'stored',
      counts: {
        received: 1000,
        accepted: 1000,
        stored: 999,
        rejected: 1,
        rejectedAtDoor: 0,
        rejectedInSink: 1,
        pending: 0,
      },
      rejectedByCode: { refused_by_store: 1 },
    });
    const { body } = await api.get<{ items: { code: string; row: number }[] }>(`/dead-letters?job=${job.id}`);
    expect(body.items).toMatchObject([{ code: 'refused_by_store', row: 501, job: job.id }]);
    const store = await StoreReader.connect(world.options.contactPoints, world.keyspace);
    const stored = await store.rows('orders', 'order_id').finally(() => store.close());
    expect(stored.size).toBe(999);
    expect(stored.has(orderId(499)) && stored.has(orderId(501))).toBe(true);
  });
});
