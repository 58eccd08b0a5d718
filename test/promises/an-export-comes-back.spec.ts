/**
 * What is exported can be ingested again, somewhere else, and gives the same table: for every stream there is, as CSV and
 * as NDJSON, whatever stands in the cells.
 */
import { jest } from '@jest/globals';
import type { Problem } from '@orderstream/contracts';
import { compileStream, createGenerator, type CompiledStream, type StreamDefinition } from '@orderstream/streams';
import { ApiClient, Sandbox, StoreHand, StoreReader } from '@orderstream/testing';

jest.setTimeout(240_000);

const ROWS = 120;
/** Texts that spreadsheets, CSV and careless readers take for something else. */
const HOSTILE = [
  ...['=1+1', '+1', '-1', '@x', '\tx', "'x", "''=x", "'", '=', '-', "'='"],
  ...[
    '"',
    '""',
    'a,b',
    'a;b\tc',
    '"a","b"',
    'line\r\nbreak',
    'line\nbreak',
    '\rx',
    'x\r',
    '\n',
    ' lead',
    'trail ',
    'a\\"b',
  ],
  ...['null', 'NULL', 'undefined', 'true', '00123', '1e5', '2026-01-01', '<b>&amp;</b>', '{"a":1}', '[]', '__proto__'],
  ...['é', 'e\u0301', '漢字', '😀', '\u2028', '\u0001', '\u200b', 'x'.repeat(5_000)],
].filter((text) => text.trim() !== '');

/** Generated records, in whose free text fields hostile texts stand, in those of the key too. */
function hostileRecords(stream: CompiledStream): string {
  const { definition } = stream;
  const generator = createGenerator(stream, { seed: 'hostile', startTimeMs: Date.UTC(2026, 0, 1), ratePerSecond: 10 });
  const derived = new Set(definition.derived.map(({ name }) => name));
  const texts = definition.fields.filter(({ type }) => type === 'text').map(({ name }) => name);
  const key = new Set([
    ...definition.primaryKey.partition,
    ...definition.primaryKey.clustering.map(({ field }) => field),
  ]);
  const lines = Array.from({ length: ROWS }, (_, n) => {
    const record = JSON.parse(stream.toJson(generator.row(n))) as Record<string, unknown>;
    for (const name of derived) delete record[name];
    for (const [t, name] of texts.entries()) {
      const text = HOSTILE[(n * 7 + t) % HOSTILE.length]!;
      if (key.has(name)) record[name] = `${text}${String(record[name])}`;
      else if ((n + t) % 4 !== 0 || definition.fields.find((field) => field.name === name)!.required)
        record[name] = text;
      else delete record[name];
    }
    return JSON.stringify(record);
  });
  return lines.join('\n');
}

let [one, other]: Sandbox[] = [];
let definitions: StreamDefinition[];

beforeAll(async () => {
  [one, other] = [await Sandbox.forTests(), await Sandbox.forTests()];
  await Promise.all([one.start(), other.start()]);
  definitions = (await new ApiClient(one.api.url).get<{ items: StreamDefinition[] }>('/streams')).body.items;
});
afterAll(() => Promise.all([one?.close(), other?.close()]));

const columnsOf = ({ fields, derived }: StreamDefinition) => [...fields, ...derived].map(({ name }) => name);

async function valuesOf(world: Sandbox, definition: StreamDefinition): Promise<string[]> {
  const reader = await StoreReader.connect(world.options.contactPoints, world.keyspace);
  try {
    return await reader.values(definition.table, columnsOf(definition));
  } finally {
    await reader.close();
  }
}

async function emptied(world: Sandbox, { table }: StreamDefinition): Promise<void> {
  const hand = await StoreHand.connect(world.options.contactPoints, world.keyspace);
  await hand.run(`TRUNCATE {keyspace}.${table}`);
  await hand.close();
}

it('every stream comes back as it was, from CSV and from NDJSON', async () => {
  expect(definitions.map(({ name }) => name)).toEqual(expect.arrayContaining(['orders', 'olist-orders', 'users']));
  for (const definition of definitions) {
    const { name } = definition;
    const records = hostileRecords(compileStream(definition));
    const first = await new ApiClient(one!.api.url).upload(
      records,
      `?stream=${name}&wait=stored`,
      'application/x-ndjson',
    );
    expect([name, first.rejectedByCode]).toEqual([name, {}]);
    const wanted = await valuesOf(one!, definition);
    expect([name, wanted.length]).toEqual([name, ROWS]);

    for (const [type, query] of [
      ['text/csv', '&unescape=true'],
      ['application/x-ndjson', ''],
    ] as const) {
      const answer = await fetch(`${one!.api.url}/streams/${name}/records`, { headers: { accept: type } });
      const body = await answer.text();
      const job = await new ApiClient(other!.api.url).upload(body, `?stream=${name}&wait=stored${query}`, type);
      expect([name, type, job.rejectedByCode, job.warnings]).toEqual([name, type, {}, []]);
      expect(await valuesOf(other!, definition)).toEqual(wanted);
      await emptied(other!, definition);
    }
  }
});

it('without unescape, the character that an export put before a text stays there', async () => {
  const api = new ApiClient(one!.api.url);
  await api.upload('{"id":"formula","first_name":"=1"}', '?stream=users&wait=stored', 'application/x-ndjson');
  const answer = await fetch(`${api.url}/streams/users/records?id=formula`, { headers: { accept: 'text/csv' } });
  const there = new ApiClient(other!.api.url);
  await there.upload(await answer.text(), '?stream=users&wait=stored');
  const found = await there.get<{ record: Record<string, string> } | Problem>('/streams/users/records/formula');
  expect(found.body).toMatchObject({ record: { first_name: "'=1" } });
});
