/**
 * Values are Avro where there is a schema registry, whoever writes and reads them, older or newer; and a registry that
 * is away keeps records waiting, as a store does. The registry is a real one, which keeps its data in the test's Kafka.
 */
import { jest } from '@jest/globals';
import type { JobView, Page } from '@orderstream/contracts';
import { compileStream, createGenerator, type CompiledStream, type StreamDefinition } from '@orderstream/streams';
import {
  ApiClient,
  eventually,
  KafkaTopics,
  numberedOrder,
  orderJson,
  ordersCsv,
  RegistryLab,
  Sandbox,
  StoreHand,
  StoreReader,
  typeIntoConsole,
  wireValue,
  type LetterDetail,
} from '@orderstream/testing';
import avro from 'avsc';
import { parse } from 'csv-parse/sync';

jest.setTimeout(300_000);

type OrderAnswer = { record: Record<string, unknown> };

/** How an older program of somebody else writes orders: fewer fields, one of its own, other types for the same. */
const FOREIGN = {
  type: 'record',
  name: 'Order',
  namespace: 'com.example',
  fields: [
    { name: 'order_id', type: 'string' },
    { name: 'product', type: { type: 'enum', name: 'Product', symbols: ['Kite', 'Lamp'] } },
    { name: 'category', type: 'string' },
    { name: 'quantity', type: 'long' },
    { name: 'price', type: ['null', { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 }] },
    { name: 'timestamp', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'warehouse', type: { type: 'map', values: 'int' } },
  ],
} as const;
const AT = '2026-05-06T07:08:09.010Z';
const foreignOrder = (id: string) => ({
  order_id: id,
  product: 'Kite',
  category: 'toys',
  quantity: 3,
  price: Buffer.from([0x03, 0xde]),
  timestamp: Date.parse(AT) * 1000 + 999,
  warehouse: { shelf: 7 },
});

const NDJSON = 'application/x-ndjson';
const TYPED = 20;

/** Records as somebody types them who knows the fields of a stream and nothing of what is derived from them. */
function generatedLines(stream: CompiledStream): string[] {
  const generator = createGenerator(stream, { seed: 'typed', startTimeMs: Date.UTC(2026, 0, 1), ratePerSecond: 10 });
  const derived = new Set(stream.definition.derived.map(({ name }) => name));
  return Array.from({ length: TYPED }, (_, n) => {
    const record = JSON.parse(stream.toJson(generator.row(n))) as Record<string, unknown>;
    return JSON.stringify(Object.fromEntries(Object.entries(record).filter(([name]) => !derived.has(name))));
  });
}

const typeOf = (schema: object): avro.Type => avro.Type.forSchema(schema as avro.Schema);

describe('a schema registry', () => {
  let registry: RegistryLab;
  let world: Sandbox;
  let api: ApiClient;
  let topics: KafkaTopics;
  let store: StoreReader;
  let topic: string;

  beforeAll(async () => {
    registry = await RegistryLab.start(process.env['TEST_KAFKA_BROKERS']!);
    world = await (await Sandbox.forTests({ SCHEMA_REGISTRY_URL: registry.url })).start();
    api = new ApiClient(world.api.url);
    topics = KafkaTopics.on(world.options.brokers);
    topic = world.topic('orders');
    store = await StoreReader.connect(world.options.contactPoints, world.keyspace);
  });
  afterAll(async () => {
    await Promise.all([store?.close(), world?.close()]);
    await registry?.close();
  });

  const stored = (id: string): Promise<Record<string, unknown>> =>
    eventually(
      async () => {
        const { status, body } = await api.get<OrderAnswer>(`/orders/${id}`);
        return status === 200 ? body.record : undefined;
      },
      { what: `${id} stored`, timeoutMs: 60_000 },
    );
  const letterOf = async (value: Buffer | string): Promise<LetterDetail> => {
    const [place] = await topics.write(topic, [{ value }]);
    const look = async () => {
      const { status, body } = await api.letter(`${topic}-${place!.partition}-${place!.offset}`);
      return status === 200 ? body : undefined;
    };
    return eventually(look, { what: 'a letter', timeoutMs: 60_000 });
  };

  it('has the schema of every stream from the start, under a rule that keeps old records readable', async () => {
    const subjects = await registry.ask<string[]>('/subjects');
    expect(subjects).toEqual(expect.arrayContaining([`${topic}-value`, `${world.topic('users_created')}-value`]));
    const latest = await registry.ask<{ id: number; schema: string }>(`/subjects/${topic}-value/versions/latest`);
    const { headers, body } = await api.get('/streams/orders/schema.avsc');
    expect(body).toEqual(JSON.parse(latest.schema));
    expect(headers.get('schema-id')).toBe(String(latest.id));
    expect(await registry.ask(`/config/${topic}-value`)).toEqual({ compatibilityLevel: 'BACKWARD' });
  });

  it('makes all values Avro on their way from a file to the table, the same rows as from JSON', async () => {
    const job = await api.upload(ordersCsv(0, 500), '?wait=stored');
    expect(job.counts).toMatchObject({ received: 500, stored: 500 });
    const records = await topics.read(topic);
    expect(records.filter(({ value }) => value?.[0] !== 0)).toEqual([]);
    expect(String(records[0]!.headers['content-type'])).toBe('application/vnd.confluent.avro');
    await topics.write(topic, [{ value: orderJson(7, { order_id: 'json-7' }) }]);
    expect(await stored('json-7')).toEqual({ ...(await stored('row-7')), order_id: 'json-7' });
    const row = (await api.get<{ record: unknown }>(`/jobs/${job.id}/rows/9`)).body;
    expect(row.record).toMatchObject({ order_id: 'row-7', price: numberedOrder(7)['price'] });
  });

  it('gives the same rows as lines typed into the console producer, for every stream', async () => {
    const { items } = (await api.get<{ items: StreamDefinition[] }>('/streams')).body;
    expect(items.length).toBeGreaterThanOrEqual(5);
    const hand = await StoreHand.connect(world.options.contactPoints, world.keyspace);
    try {
      for (const { name, topic: to, table, fields, derived } of items) {
        const lines = generatedLines(compileStream(items.find((each) => each.name === name)!));
        const columns = [...fields, ...derived].map((field) => field.name);
        await hand.run(`TRUNCATE {keyspace}.${table}`);
        const { body: job } = await api.post<JobView>(lines.join('\n'), `?stream=${name}&wait=stored`, NDJSON);
        expect([name, job.counts]).toMatchObject([name, { received: TYPED, stored: TYPED }]);
        const sent = await store.values(table, columns);
        expect((await topics.read(to)).at(-1)!.value![0]).toBe(0); // Avro
        await hand.run(`TRUNCATE {keyspace}.${table}`);
        await typeIntoConsole(world.options.brokers, to, lines);
        const typed = async () => (await store.count(table)) === TYPED;
        await eventually(typed, { what: `${TYPED} typed rows of ${name}`, timeoutMs: 60_000 });
        expect([name, await store.values(table, columns)]).toEqual([name, sent]);
      }
    } finally {
      await hand.close();
    }
  });

  it('lets other producers write as they do: fields more or less, other types, another scale', async () => {
    const id = await registry.register('foreign-value', FOREIGN);
    const value = wireValue(id, typeOf(FOREIGN).toBuffer(foreignOrder('foreign-1')));
    await topics.write(topic, [{ value }]);
    const order = {
      product: 'Kite',
      category: 'toys',
      quantity: 3,
      price: '9.90',
      timestamp: AT,
      total_amount: '29.70',
    };
    expect(await stored('foreign-1')).toEqual({ order_id: 'foreign-1', ...order });
  });

  it('lets older readers read what is written now', async () => {
    const { id, schema } = await registry.ask<{ id: number; schema: string }>(
      `/subjects/${topic}-value/versions/latest`,
    );
    const writer = JSON.parse(schema) as { fields: { name: string }[] };
    const known = writer.fields.filter(({ name }) => ['order_id', 'quantity', 'product'].includes(name));
    const oldReader = typeOf({ ...writer, fields: known });
    const resolver = oldReader.createResolver(typeOf(writer));
    await api.post(orderJson(1, { order_id: 'new-1' }), '', 'application/json');
    const values = (await topics.read(topic)).map(({ value }) => value!);
    const ours = values.filter((value) => value[0] === 0 && value.readUInt32BE(1) === id);
    const written = ours.map((value): unknown => oldReader.fromBuffer(value.subarray(5), resolver, true));
    const { product, quantity } = numberedOrder(1);
    expect(written).toContainEqual({ order_id: 'new-1', product, quantity });
  });

  it('reads JSON with its schema in it, as Kafka Connect writes it, and JSON behind a schema id', async () => {
    const payload = numberedOrder(1, { order_id: 'connect-1', price: Buffer.from([0x03, 0xde]).toString('base64') });
    const price = { field: 'price', type: 'bytes', name: 'org.apache.kafka.connect.data.Decimal' };
    const schema = { type: 'struct', fields: [{ ...price, parameters: { scale: '2' } }] };
    const id = await registry.register('json-value', JSON_SCHEMA, 'JSON');
    const behindId = wireValue(id, Buffer.from(orderJson(1, { order_id: 'behind-1' })));
    await topics.write(topic, [{ value: JSON.stringify({ schema, payload }) }, { value: behindId }]);
    expect(await stored('connect-1')).toMatchObject({ price: '9.90' });
    expect(await stored('behind-1')).toMatchObject({ price: numberedOrder(1)['price'] });
  });

  it('says by name what it cannot read, and stores the neighbours', async () => {
    const protobuf = await registry.register(
      'protobuf-value',
      'syntax = "proto3"; message Order { string id = 1; }',
      'PROTOBUF',
    );
    const refused = await letterOf(wireValue(protobuf, Buffer.from([0, 10, 1, 97])));
    expect(refused).toMatchObject({ code: 'unsupported_schema_type', reason: expect.stringContaining('Protobuf') });
    const unknown = await letterOf(wireValue(999_999, Buffer.from('?')));
    expect(unknown).toMatchObject({ code: 'unknown_schema', reason: expect.stringContaining('999999') });
    const { id } = await registry.ask<{ id: number }>(`/subjects/${topic}-value/versions/latest`);
    expect(await letterOf(wireValue(id, Buffer.from([2])))).toMatchObject({ code: 'undecodable' });
    await topics.write(topic, [{ value: orderJson(2, { order_id: 'neighbour' }) }]);
    expect(await stored('neighbour')).toMatchObject({ quantity: 3 });
  });

  it('shows a letter in Avro as what it says, and takes a patch of it', async () => {
    const id = await registry.register('foreign-value', FOREIGN);
    const type = typeOf(FOREIGN);
    const letter = await letterOf(wireValue(id, type.toBuffer({ ...foreignOrder('patched'), price: null })));
    expect(letter).toMatchObject({
      code: 'missing_value',
      column: 'price',
      record: { order_id: 'patched', quantity: 3 },
    });
    const redrive = { ids: [letter.id], patch: { price: '5.00' } };
    const trial = await api.command('/dead-letters/redrive', { ...redrive, dryRun: true });
    expect(trial.body).toMatchObject({ sample: 1, passed: 1 });
    await api.command('/dead-letters/redrive', redrive);
    expect(await stored('patched')).toMatchObject({ price: '5.00', total_amount: '15.00' });
  });

  it('hands a refused row out with its original columns, and stores it once it is corrected', async () => {
    const long = 'i'.repeat(70_000); // more than Cassandra takes
    const job = await api.upload(`${orderJson(0)}\n${orderJson(1, { order_id: long })}`, '?wait=stored', NDJSON);
    expect(job.counts).toMatchObject({ stored: 1, rejectedInSink: 1 });
    const [letter] = (await api.get<Page<{ id: string }>>(`/dead-letters?job=${job.id}`)).body.items;
    expect((await api.letter(letter!.id)).body.record).toMatchObject({ order_id: long }); // null if it were not Avro
    const file = await (await fetch(`${api.url}/jobs/${job.id}/rejects.csv`)).text();
    const { quantity, ...others } = numberedOrder(1, { order_id: long });
    expect(parse(file, { columns: true })).toMatchObject([{ ...others, quantity: String(quantity), line: '2' }]);
    const init = { method: 'POST', body: file.replaceAll(long, 'corrected'), headers: { 'content-type': 'text/csv' } };
    const repaired = await fetch(`${api.url}/jobs/${job.id}/repair?wait=stored`, init);
    expect(await repaired.json()).toMatchObject({ counts: { stored: 2, rejected: 0 } });
    expect(await stored('corrected')).toMatchObject({ ...numberedOrder(1), order_id: 'corrected' });
  });

  it('that breaks the rule of its subject keeps the API from starting, which says which field and why', async () => {
    const prefix = `${world.id}.old.`;
    await registry.register(`${prefix}orders-value`, {
      type: 'record',
      name: 'orders',
      namespace: 'orderstream',
      fields: [
        { name: 'order_id', type: 'string' },
        { name: 'quantity', type: 'string' },
      ],
    });
    const late = await world.another('ingest-api', { KAFKA_TOPIC_PREFIX: prefix });
    late.spawn();
    await eventually(async () => late.exitCode !== null, { what: 'the end of the API', timeoutMs: 90_000 });
    expect(late.exitCode).toBe(1);
    const said = late.output.join('');
    expect(said).toMatch(/breaks the rule BACKWARD \(fields [^)]*quantity[^)]*\)/);
    expect(said).toMatch(/The registry says[^\n]*Incompatible artifact[^\n]*\/fields\/4/);
  });

  it('that is killed keeps records waiting: nothing is lost, nothing dead; uploads go on', async () => {
    const reasons = async () => (await api.letters()).map(({ code, reason }) => `${code}: ${reason}`).sort();
    const before = await reasons();
    const schema = { ...FOREIGN, name: 'LaterOrder' };
    const id = await registry.register('later-value', schema);
    await registry.kill();
    const type = typeOf(schema);
    const values = Array.from({ length: 50 }, (_, n) => wireValue(id, type.toBuffer(foreignOrder(`later-${n}`))));
    await topics.write(
      topic,
      values.map((value, n) => ({ value, partition: n % 3 })),
    );
    const job = await api.upload(ordersCsv(1_000, 3_000, 'during'));
    expect(job.counts).toMatchObject({ accepted: 2_000, published: 2_000 });
    const health = async (): Promise<string> => (await fetch(`${world.sink.url}/health/ready`)).text();
    await eventually(async () => (await health()).includes('records wait: the schema registry does not answer'), {
      what: 'the sink says what it waits for',
    });
    expect(await topics.lag(world.id, topic)).toBeGreaterThan(0);
    await registry.restart();
    const settled = await api.settled(job.id);
    expect(settled.counts).toMatchObject({ received: 2_000, stored: 2_000, rejected: 0 });
    await eventually(async () => (await topics.lag(world.id, topic)) === 0, { what: 'no lag', timeoutMs: 60_000 });
    expect(await reasons()).toEqual(before);
    const ids = new Set((await store.rows('orders', 'order_id')).keys());
    expect(Array.from({ length: 50 }, (_, n) => `later-${n}`).filter((each) => !ids.has(each))).toEqual([]);
    expect(JSON.parse(await health())).toMatchObject({ status: 'ok', details: { schemaRegistry: { status: 'up' } } });
    expect(await health()).not.toContain('degraded');
  });
});

const JSON_SCHEMA = JSON.stringify({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Order',
  type: 'object',
  properties: { order_id: { type: 'string' } },
});
