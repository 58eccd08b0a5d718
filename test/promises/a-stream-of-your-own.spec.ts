/** A definition in STREAMS_DIR is all that a CSV needs which no code knows: upload, table, questions, statistics, generator. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import type { StatsAnswer, StatsRecount } from '@orderstream/contracts';
import { loadStreams } from '@orderstream/streams';
import {
  ApiClient,
  eventually,
  FLAWLESS,
  KafkaTopics,
  Sandbox,
  startRun,
  StoreHand,
  verifyRun,
} from '@orderstream/testing';

jest.setTimeout(240_000);

const SAMPLES = fileURLToPath(new URL('../../samples/', import.meta.url));
const STREAM = '/streams/bike-rentals';
const WAIT = 'wait=stored&timeout=2m';

interface List {
  items: Record<string, unknown>[];
  next: string | null;
}

const cents = (price: string): bigint => BigInt(price.replace('.', ''));
const shown = (sum: bigint): string => `${sum / 100n}.${String(sum % 100n).padStart(2, '0')}`;

describe('a CSV that no code knows', () => {
  let world: Sandbox;
  let api: ApiClient;
  let csv: Buffer;
  /** cells of the sample, in the order of its header */
  let rides: string[][];

  beforeAll(async () => {
    world = await (await Sandbox.forTests({ STREAMS_DIR: join(SAMPLES, 'streams') })).start();
    api = new ApiClient(world.api.url);
    csv = await readFile(join(SAMPLES, 'bike-rentals.csv'));
    const lines = csv.toString().trim().split('\n').slice(1);
    rides = lines.map((line) => line.split(','));
    const job = await api.upload(csv, `?${WAIT}`);
    expect(job).toMatchObject({ stream: 'bike-rentals', state: 'stored', counts: { rejected: 0 } });
    expect(job.counts.stored).toBe(rides.length);
  });
  afterAll(() => world?.close());

  const get = async <T>(path: string): Promise<T> => {
    const { status, body } = await api.get<T>(path);
    if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  };

  it('has 12 columns, which are stored by their types', async () => {
    const [id, bike, from, to, started, ended, paid, distance, price, currency, member, battery] = rides[0]!;
    const { record } = await get<{ record: object }>(`${STREAM}/records/${id}`);
    const time = (cell: string) => new Date(`${cell.replace(' ', 'T')}Z`).toISOString();
    expect(record).toEqual({
      rental_id: id,
      bike,
      from_station: from,
      to_station: to,
      started_at: time(started!),
      ended_at: time(ended!),
      paid_on: paid,
      distance_km: distance,
      price,
      currency,
      member: member === 'yes',
      battery: Number(battery),
      started_hour: Number(started!.slice(11, 13)),
    });
  });

  it('can be asked by its indexed columns', async () => {
    const bike = rides[0]![1]!;
    const { items } = await get<List>(`${STREAM}/records?bike=${bike}`);
    const expected = rides.filter((ride) => ride[1] === bike).map(([id]) => id);
    expect(items.map(({ rental_id: id }) => id).sort()).toEqual(expected.sort());
  });

  it('is counted live and exactly, to the cent', async () => {
    const stations = [...new Set(rides.map((ride) => ride[2]!))].sort();
    const expected = stations.map((station) => {
      const there = rides.filter((ride) => ride[2] === station);
      const revenue = shown(there.reduce((sum, ride) => sum + cents(ride[8]!), 0n));
      return { category: station, count: there.length, revenue };
    });
    expect((await get<StatsAnswer>(`${STREAM}/stats?by=category`)).items).toMatchObject(expected);
    const { status } = await api.command<StatsRecount>(`${STREAM}/stats/recount`, {});
    expect(status).toBe(200);
    const exact = await get<StatsAnswer>(`${STREAM}/stats?by=category&kind=exact`);
    expect(exact).toMatchObject({ kind: 'exact', items: expected });
  });

  it('comes out as it went in: an export, read again, changes nothing', async () => {
    const all = async () => (await get<List>(`${STREAM}/records?limit=1000`)).items;
    const before = await all();
    expect(before).toHaveLength(rides.length);
    const answer = await fetch(`${world.api.url}${STREAM}/records`, { headers: { accept: 'text/csv' } });
    const job = await api.upload(await answer.text(), `?stream=bike-rentals&unescape=true&${WAIT}`);
    expect(job.counts).toMatchObject({ stored: rides.length, rejected: 0 });
    expect(await all()).toEqual(before);
  });

  it('gets rows that are generated, and each of them can be proved', async () => {
    const run = await startRun(api, 'stream=bike-rentals&rate=200&count=400&seed=rides');
    await api.settled(run.id);
    expect(await verifyRun(api, run.id)).toMatchObject({ ...FLAWLESS, expected: 400, stored: 400 });
  });
});

describe('a table and a topic of somebody else', () => {
  const TYPE = 'CREATE TYPE {keyspace}.contact (name text, phones frozen<list<text>>, since date)';
  const MADE = `CREATE TABLE {keyspace}.levels ("Device" text, site text, t timestamp, lvl decimal, note text,
    alarms set<text>, keeper contact, PRIMARY KEY (("Device"), t)) WITH CLUSTERING ORDER BY (t DESC)`;
  const CSV = [
    'Device #,Site,Time,Level,Alarms,Keeper',
    'a,Porto,2026-01-01 00:00:00,1.50,"[""low"",""cold"",""low""]",',
    'a,Porto,2026-01-01 01:00:00,,,"{""name"":""Ana"",""phones"":[""1"",""2""]}"',
    'b,Braga,2026-01-01 00:00:00,7,[],"{""since"":""2026-05-04""}"',
    'c,Braga,2026-01-01 00:00:00,7,"{""low"":1}","{""since"":""May""}"',
    '',
  ].join('\n');
  const PRICES = {
    name: 'prices',
    description: 'The newest price by its own time.',
    key: { fields: ['id'], separator: '' },
    primaryKey: { partition: ['id'], clustering: [] },
    writeTimeFrom: 'quoted_at',
    fields: [
      { name: 'id', type: 'text', required: true },
      { name: 'quoted_at', type: 'timestamp', required: true },
      { name: 'price', type: 'decimal' },
    ],
  };
  const definition = (keyspace: string, topic: string) => ({
    name: 'tanks',
    description: 'Levels of tanks.',
    managed: false,
    lineage: false,
    keyspace,
    topic,
    table: 'levels',
    key: { fields: ['device_id'], separator: '' },
    primaryKey: { partition: ['device_id'], clustering: [{ field: 'time', order: 'desc' }] },
    fields: [
      { name: 'device_id', type: 'text', required: true, csv: ['Device #'], json: ['deviceId'], column: 'Device' },
      { name: 'site', type: 'text', required: true },
      { name: 'time', type: 'timestamp', required: true, column: 't' },
      { name: 'level', type: 'decimal', column: 'lvl', default: '0' },
      { name: 'alarms', type: 'json', cql: 'set<text>' },
      { name: 'keeper', type: 'json', cql: 'contact' },
    ],
    types: { contact: { name: 'text', phones: 'frozen<list<text>>', since: 'date' } },
  });
  let dir: string;
  let hand: StoreHand;
  let world: Sandbox;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'streams-'));
    world = await Sandbox.forTests({ STREAMS_DIR: dir });
    hand = await StoreHand.connect(world.options.contactPoints, `${world.keyspace}_plant`);
    await hand.run(
      "CREATE KEYSPACE {keyspace} WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 1}",
    );
    await hand.run(TYPE);
    await hand.run(MADE);
    await hand.run('CREATE INDEX ON {keyspace}.levels (site)'); // of the old kind
    await hand.run("CREATE INDEX ON {keyspace}.levels (lvl) USING 'sai'");
    await KafkaTopics.on(world.options.brokers).create(`${world.id}-levels`, { partitions: 2 });
  });
  afterAll(async () => {
    await world?.close();
    await hand?.run('DROP KEYSPACE IF EXISTS {keyspace}');
    await hand?.close();
    await rm(dir, { recursive: true });
  });
  const write = (changes: object) =>
    writeFile(
      join(dir, 'tanks.json'),
      JSON.stringify({ ...definition(`${world.keyspace}_plant`, `${world.id}-levels`), ...changes }),
    );

  it('refuse a start when they do not fit, with every mismatch, and are not changed', async () => {
    await write({
      lineage: true,
      indexes: ['site', 'level'],
      derived: [{ name: 'day', type: 'date', from: { kind: 'dayOf', of: 'time' } }],
      types: { contact: { name: 'text', since: 'date' } },
    });
    const refused = await world.another('sink-worker');
    refused.spawn();
    await eventually(async () => refused.exitCode !== null, { what: 'the end of the process', timeoutMs: 60_000 });
    expect(refused.exitCode).toBe(1);
    const told = refused.output.join('');
    for (const part of [
      'the column day (date) is missing',
      'the column site has no storage-attached index',
      'say lineage: false',
      'the type contact is (name text, phones frozen<list<text>>, since date) in the keyspace and (name text, since date)',
    ])
      expect(told).toContain(part);
    expect(told).not.toContain('the column lvl');
    const { length } = await hand.run(
      "SELECT column_name FROM system_schema.columns WHERE keyspace_name = '{keyspace}'",
    );
    expect(length).toBe(7);
  });

  it('have a first definition from the command line', async () => {
    const tool = fileURLToPath(new URL('../../tools/cli/bin/orderstream.js', import.meta.url));
    const env = { ...process.env, CASSANDRA_CONTACT_POINTS: world.options.contactPoints };
    const argv = [tool, 'streams', 'infer', '--table', `${world.keyspace}_plant.levels`];
    const { stdout } = await promisify(execFile)(process.execPath, argv, { env });
    const [tanks] = loadStreams({ topicPrefix: '', files: [{ name: 'levels.yaml', text: stdout }] }).slice(-1);
    expect(tanks).toMatchObject({
      ...{ name: 'levels', managed: false, lineage: false, keyspace: `${world.keyspace}_plant`, table: 'levels' },
      primaryKey: { partition: ['device'], clustering: [{ field: 't', order: 'desc' }] },
      fields: [
        { name: 'device', column: 'Device' },
        { name: 't' },
        { name: 'alarms', type: 'json', cql: 'set<text>' },
        { name: 'keeper', type: 'json', cql: 'contact' },
        { name: 'lvl' },
        { name: 'note' },
        { name: 'site' },
      ],
    });
  });

  it('take a CSV under their own names, and answer under those of the fields', async () => {
    await write({});
    await writeFile(join(dir, 'prices.json'), JSON.stringify(PRICES));
    await world.start();
    const api = new ApiClient(world.api.url);
    const job = await api.upload(CSV, `?${WAIT}`);
    expect(job).toMatchObject({ stream: 'tanks', counts: { received: 4, stored: 3, rejected: 1 } });
    const rows = await hand.run('SELECT JSON "Device", site, lvl, note, alarms, keeper FROM {keyspace}.levels');
    expect(rows.map((row) => JSON.parse(String(row['[json]'])) as object)).toEqual(
      expect.arrayContaining([
        {
          '"Device"': 'a',
          site: 'Porto',
          lvl: 0,
          note: null,
          alarms: null,
          keeper: { name: 'Ana', phones: ['1', '2'], since: null },
        },
        { '"Device"': 'a', site: 'Porto', lvl: 1.5, note: null, alarms: ['cold', 'low'], keeper: null },
        {
          '"Device"': 'b',
          site: 'Braga',
          lvl: 7,
          note: null,
          alarms: null,
          keeper: { name: null, phones: null, since: '2026-05-04' },
        },
      ]),
    );
    expect(rows).toHaveLength(3);
    const { body } = await api.get<List>('/streams/tanks/records?device_id=b');
    const time = '2026-01-01T00:00:00.000Z';
    expect(body.items).toEqual([{ device_id: 'b', site: 'Braga', time, level: '7', keeper: { since: '2026-05-04' } }]);
    const { body: rejects } = await api.get<List>(`/jobs/${job.id}/rejects`);
    expect(rejects.items).toMatchObject([{ line: 5, column: 'alarms', code: 'bad_json_value' }]);
  });

  it('stand beside tables of your own, whose rows are written at the time of a field', async () => {
    const api = new ApiClient(world.api.url);
    const job = await api.upload('id,quoted_at,price\na,2026-01-01 10:00:00,9.50\n', `?stream=prices&${WAIT}`);
    const { body } = await api.get<{ writeTime: string; outcome: string }>(`/jobs/${job.id}/rows/2`);
    expect(body).toMatchObject({ writeTime: '2026-01-01T10:00:00.000000Z', outcome: 'stored' });
  });

  it('have sets and user-defined types that are exported to cells and taken in again', async () => {
    const api = new ApiClient(world.api.url);
    const all = async () => (await api.get<List>('/streams/tanks/records')).body.items;
    const before = await all();
    const answer = await fetch(`${world.api.url}/streams/tanks/records`, { headers: { accept: 'text/csv' } });
    const job = await api.upload(await answer.text(), `?stream=tanks&unescape=true&${WAIT}`);
    expect(job.counts).toMatchObject({ stored: 3, rejected: 0 });
    expect(await all()).toEqual(before);
    expect(before).toContainEqual(expect.objectContaining({ alarms: ['cold', 'low'], level: '1.50' }));
  });
});

describe('a definition that cannot be used', () => {
  it.each(['ingest-api', 'sink-worker'] as const)(
    'refuses the start of %s with code 1 and every fault',
    async (app) => {
      const dir = await mkdtemp(join(tmpdir(), 'streams-'));
      try {
        const sample = await readFile(join(SAMPLES, 'streams', 'bike-rentals.yaml'), 'utf8');
        await writeFile(
          join(dir, 'a.yaml'),
          sample.replace('type: boolean', 'type: bool').replace('min: "0"', 'min: 0'),
        );
        await writeFile(join(dir, 'b.json'), '{ "name": "orders" ');
        const world = await Sandbox.forTests({ STREAMS_DIR: dir });
        const process = app === 'ingest-api' ? world.api : world.sink;
        process.spawn();
        const isOver = async () => process.exitCode !== null && process.output.join('').includes('b.json');
        await eventually(isOver, { what: 'the end of the process, and what it said' });
        expect(process.exitCode).toBe(1);
        const lines = process.output.join('').trim().split('\n');
        expect(lines).toEqual([
          `${app} cannot start: The streams have 3 faults; correct them and start again:`,
          expect.stringMatching(/a\.yaml:21 fields\.distance_km\.min: must be a string; write it in quotes: "0"$/),
          expect.stringMatching(/a\.yaml:26 fields\.member\.type: "bool" must be one of text, /),
          expect.stringMatching(/b\.json:1 column \d+: /),
        ]);
      } finally {
        await rm(dir, { recursive: true });
      }
    },
  );
});
