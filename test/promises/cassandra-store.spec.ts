import { randomUUID } from 'node:crypto';
import {
  type CassandraSession,
  classify,
  connectWhenReady,
  createCassandra,
  DeadLetterRepository,
  fingerprintOf,
  IdempotencyKeyRepository,
  JobList,
  JobRepository,
  LeaseRepository,
  migrate,
  type NewDeadLetter,
  parseJobCursor,
  RecordTable,
  ReplicaSets,
  type Statement,
  StatementRunner,
  WorkerRepository,
} from '@orderstream/cassandra';
import { builtInStreams, defineStream, OLIST_ORDERS, ORDERS } from '@orderstream/streams';

const CONTACT_POINTS = (process.env['TEST_CASSANDRA_CONTACT_POINTS'] ?? '127.0.0.1:9042').split(',');
const LOCAL_DATA_CENTER = process.env['TEST_CASSANDRA_LOCAL_DATA_CENTER'] ?? 'datacenter1';
const TIMEOUT_MS = 120_000;

const EVERY_TYPE = defineStream({
  name: 'every-type',
  description: 'One field of each type.',
  key: { fields: ['id'], separator: '_' },
  primaryKey: { partition: ['id'], clustering: [] },
  orderId: 'id',
  fields: [
    { name: 'id', type: 'text', required: true },
    { name: 'an_int', type: 'int' },
    { name: 'a_bigint', type: 'bigint' },
    { name: 'a_decimal', type: 'decimal' },
    { name: 'a_timestamp', type: 'timestamp' },
    { name: 'a_date', type: 'date' },
    { name: 'a_boolean', type: 'boolean' },
    { name: 'a_uuid', type: 'uuid' },
    { name: 'order', type: 'text' },
  ],
});
const STREAMS = [...builtInStreams(), EVERY_TYPE];
const keyspaces: string[] = [];
const sessions: CassandraSession[] = [];
const warnings: string[] = [];

/** A connected session; closed at the end, its keyspace dropped. */
async function sessionOn(keyspace: string): Promise<CassandraSession> {
  const session = createCassandra({
    contactPoints: CONTACT_POINTS,
    localDataCenter: LOCAL_DATA_CENTER,
    keyspace,
    onServerWarning: (messages) => warnings.push(...messages),
  });
  await connectWhenReady(session, AbortSignal.timeout(60_000));
  sessions.push(session);
  return session;
}

function newKeyspace(): string {
  const keyspace = `t_store_${randomUUID().slice(0, 8)}`;
  keyspaces.push(keyspace);
  return keyspace;
}

const options = { streams: STREAMS, replication: 1 };
let session: CassandraSession;
let runner: StatementRunner;
let everyType: RecordTable;
let olist: RecordTable;

beforeAll(async () => {
  session = await sessionOn(newKeyspace());
  await migrate(session, options);
  runner = new StatementRunner(session);
  everyType = new RecordTable(session, EVERY_TYPE);
  olist = new RecordTable(session, OLIST_ORDERS);
}, TIMEOUT_MS);

afterAll(async () => {
  for (const keyspace of keyspaces) {
    await session.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`, [], { prepared: false, requestTimeoutMs: 30_000 });
  }
  for (const open of sessions) await open.close();
}, TIMEOUT_MS);

const lineage = { partition: 2, offset: '9007199254740993', jobId: randomUUID(), jobRow: 17 };
const olistRow = (n: number): Array<string | number | undefined> => {
  const id = n.toString(16).padStart(32, '0');
  const at = 1_506_941_793_000 + n * 1_000;
  return [id, `c${id.slice(1)}`, 'delivered', at, at + 1, at + 2, at + 3, at + 4, 10, 'Wednesday'];
};
const failureOf = async (work: Promise<unknown>) =>
  classify(
    await work.then(
      () => undefined,
      (error: unknown) => error,
    ),
  );

describe('migrations', () => {
  it(
    'bring two processes that start at the same instant to the same tables, and a second start does nothing',
    async () => {
      const keyspace = newKeyspace();
      const [one, two] = await Promise.all([sessionOn(keyspace), sessionOn(keyspace)]);
      const ran = await Promise.all([migrate(one, options), migrate(two, options)]);
      const all = ['0001-jobs', '0002-idempotency-keys', '0003-dead-letters', '0004-workers'];
      expect(ran.flat().sort()).toEqual([...all, ...STREAMS.map(({ name }) => `stream:${name}`)].sort());
      expect(await migrate(one, options)).toEqual([]);
      for (const definition of STREAMS) await new RecordTable(two, definition).prepareAll();
      await new JobRepository(two).prepareAll();
      await new DeadLetterRepository(two).prepareAll();
    },
    TIMEOUT_MS,
  );

  it(
    'refuse a table that lacks a column of its stream, by name',
    async () => {
      const wider = { ...ORDERS, fields: [...ORDERS.fields, { name: 'coupon', type: 'text' as const }] };
      await expect(migrate(session, { ...options, streams: [wider] })).rejects.toThrow(
        /orders does not fit .*the column coupon \(text\) is missing.*ALTER TABLE/,
      );
      await expect(migrate(session, options)).resolves.toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'refuse a keyspace in which another version of a numbered migration ran',
    async () => {
      const keyspace = newKeyspace();
      const other = await sessionOn(keyspace);
      await migrate(other, { ...options, streams: [] });
      await other.execute(`UPDATE ${keyspace}.schema_migrations SET checksum = 'x' WHERE name = '0003-dead-letters'`);
      await expect(migrate(other, options)).rejects.toMatchObject({ code: 'migration_changed' });
    },
    TIMEOUT_MS,
  );
});

describe('a stored record', () => {
  it('comes back as it was, exact in every type, with its write time and lineage', async () => {
    const row = [
      'exact-1',
      -2_147_483_648,
      '-9223372036854775808',
      '-12345678901234567890123456789.0010',
      253_402_300_799_999,
      '0099-02-28',
      false,
      'c0ffee00-0000-4000-8000-00000000000f',
      'naïve ✓ 🚚',
    ];
    await runner.executeBatch([everyType.insertStatement(row, lineage, 1_700_000_000_123_456n)]);
    expect(await everyType.findByPrimaryKey(['exact-1'])).toEqual([
      {
        record: {
          id: 'exact-1',
          an_int: -2_147_483_648,
          a_bigint: '-9223372036854775808',
          a_decimal: '-12345678901234567890123456789.0010',
          a_timestamp: '9999-12-31T23:59:59.999Z',
          a_date: '0099-02-28',
          a_boolean: false,
          a_uuid: 'c0ffee00-0000-4000-8000-00000000000f',
          order: 'naïve ✓ 🚚',
        },
        writeTimeMicros: 1_700_000_000_123_456n,
        lineage,
      },
    ]);
  });

  it('keeps what a later row leaves unset, loses what it clears, and never keeps half of an older lineage', async () => {
    const put = (row: Array<string | number | boolean | null | undefined>, at: number, job = {}) =>
      runner.executeBatch([everyType.insertStatement(row, { partition: 0, offset: 1n, ...job }, at)]);
    await put(['unset-1', 1, '2', '3.50', 4], 1_000, { jobId: lineage.jobId, jobRow: 3 });
    await put(['unset-1', undefined, undefined, null], 2_000);
    const [stored] = await everyType.findByOrderId('unset-1');
    expect(stored).toEqual({
      record: { id: 'unset-1', an_int: 1, a_bigint: '2', a_timestamp: '1970-01-01T00:00:00.004Z' },
      writeTimeMicros: 2_000n,
      lineage: { partition: 0, offset: '1' },
    });
  });

  it('is the one with the newest write time, in whatever order the writes come', async () => {
    const at = (micros: number, text: string) =>
      everyType.insertStatement(['newest-1', 1, text], { ...lineage, offset: text }, micros);
    for (const statement of [at(2_000, '2'), at(1_000, '1')]) await runner.executeBatch([statement]);
    await runner.executeBatch([at(500, '5'), at(1_500, '15')]);
    await runner.executeBatch([everyType.deleteStatement(['newest-1'], 1_999)]);
    expect(await everyType.findByPrimaryKey(['newest-1'])).toMatchObject([
      { record: { a_bigint: '2' }, lineage: { offset: '2' } },
    ]);
    await runner.executeBatch([everyType.deleteStatement(['newest-1'], 2_001)]);
    expect(await everyType.findByPrimaryKey(['newest-1'])).toEqual([]);
  });

  it('is found by its order id through the index, newest write time first', async () => {
    const [id, customer, , at, ...rest] = olistRow(1);
    const put = (purchase: number, micros: number) =>
      olist.insertStatement([id, customer, 'delivered', purchase, ...rest], lineage, micros);
    await runner.executeBatch([put(Number(at), 2_000), put(Number(at) + 1, 3_000), put(Number(at) + 2, 1_000)]);
    const found = await olist.findByOrderId(String(id));
    expect(found.map(({ writeTimeMicros }) => writeTimeMicros)).toEqual([3_000n, 2_000n, 1_000n]);
    expect(await olist.findByPrimaryKey([customer])).toHaveLength(3);
    expect(await olist.findByPrimaryKey([customer, id, at])).toHaveLength(1);
    expect(await olist.findByOrderId('nobody')).toEqual([]);
  });
});

describe('batches', () => {
  it('of ten orders under 5 KiB by our count bring no warning, and the count is the one Cassandra makes', async () => {
    const sum = (statements: readonly Statement[]) => statements.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
    const batchOf = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) => olist.insertStatement(olistRow(from + n), lineage, 1_000));
    const small = batchOf(100, 10);
    expect(sum(small)).toBeLessThan(5 * 1_024);
    warnings.length = 0;
    await runner.executeBatch(small);
    expect(warnings).toEqual([]);
    const large = [...batchOf(200, 30), olist.deleteStatement([olistRow(900)[1], olistRow(900)[0], 5], 1_000)];
    await runner.executeBatch(large);
    expect(warnings.join(' ')).toContain(`is of size ${sum(large)},`);
  });

  it('that are too large are permanent as a whole, so that the caller goes row by row', async () => {
    const rows = Array.from({ length: 20 }, (_, n) => {
      const text = 'x'.repeat(4_000);
      return everyType.insertStatement(
        [`large-${n}`, 1, '1', '1', 1, undefined, true, undefined, text],
        lineage,
        1_000,
      );
    });
    expect(await failureOf(runner.executeBatch(rows))).toMatchObject({ class: 'permanent', code: 'batch_too_large' });
    for (const row of rows) await runner.executeBatch([row]);
    expect(await everyType.findByPrimaryKey(['large-19'])).toHaveLength(1);
  });

  it('of a one-node ring all belong to one replica set', () => {
    const sets = new ReplicaSets(session);
    const groups = [1, 2, 3, 4].map((n) => sets.replicaSetOf(olist.insertStatement(olistRow(n), lineage, 1)));
    expect(new Set(groups).size).toBe(1);
  });
});

describe('failures of a real server', () => {
  it("blame the row for what is the row's, and nothing else", async () => {
    const [good] = [everyType.insertStatement(['ok'], lineage, 1)];
    const empty = everyType.insertStatement([''], lineage, 1);
    expect(await failureOf(runner.executeBatch([good!, empty]))).toMatchObject({ class: 'permanent', code: 'invalid' });
    const long = everyType.insertStatement(['k'.repeat(70_000)], lineage, 1);
    expect(await failureOf(runner.executeBatch([long]))).toMatchObject({ class: 'permanent', code: 'invalid' });
    const huge = everyType.insertStatement(
      ['huge', 1, '1', '1', 1, undefined, true, undefined, 'x'.repeat(20_000_000)],
      lineage,
      1,
    );
    expect(await failureOf(runner.executeBatch([huge]))).toMatchObject({ class: 'permanent', code: 'invalid' });
  });

  it('never blame the row for a table or column that is not there', async () => {
    const absent = new RecordTable(session, defineStream({ ...EVERY_TYPE, name: 'not-there', table: 'not_there' }));
    const insert = runner.executeBatch([absent.insertStatement(['a'], lineage, 1)]);
    expect(await failureOf(insert)).toMatchObject({ class: 'unknown', code: 'schema_missing' });
    const wider = { ...EVERY_TYPE, fields: [...EVERY_TYPE.fields, { name: 'more', type: 'text' as const }] };
    expect(await failureOf(new RecordTable(session, wider).prepareAll())).toMatchObject({
      class: 'unknown',
      code: 'schema_missing',
    });
    expect(await failureOf(session.execute('SELEKT'))).toMatchObject({ class: 'unknown', code: 'syntax_error' });
    expect(await failureOf(session.execute('SELECT x FROM nowhere.nothing'))).toMatchObject({ code: 'schema_missing' });
  });

  it('are transient on a session that is not connected or whose server is not there', async () => {
    const nobody = createCassandra({
      contactPoints: ['127.0.0.1:1'],
      localDataCenter: LOCAL_DATA_CENTER,
      keyspace: 'ks',
    });
    expect(await failureOf(nobody.connect())).toMatchObject({ class: 'transient' });
    expect(await failureOf(nobody.execute('SELECT key FROM system.local'))).toMatchObject({ class: 'transient' });
    expect(nobody.isUp()).toBe(false);
    expect(await nobody.ping(1_000)).toBe(false);
    expect(session.isUp()).toBe(true);
    expect(await session.ping(5_000)).toBe(true);
  });
});

describe('connecting', () => {
  it('waits until told to stop, and says each time why', async () => {
    const stop = new AbortController();
    const waits: number[] = [];
    const nobody = createCassandra({
      contactPoints: ['127.0.0.1:1'],
      localDataCenter: LOCAL_DATA_CENTER,
      keyspace: 'ks',
    });
    const connecting = connectWhenReady(nobody, stop.signal, ({ attempt }) => {
      waits.push(attempt);
      if (attempt === 3) stop.abort(new Error('stopped'));
    });
    await expect(connecting).rejects.toThrow('stopped');
    expect(waits).toEqual([1, 2, 3]);
  });

  it('refuses a data centre that the cluster does not have, at once', async () => {
    const lost = createCassandra({ contactPoints: CONTACT_POINTS, localDataCenter: 'atlantis', keyspace: 'ks' });
    await expect(connectWhenReady(lost, AbortSignal.timeout(60_000))).rejects.toThrow('atlantis');
  });
});

describe('a job', () => {
  const newJob = (createdAtMs: number) => ({
    id: randomUUID(),
    kind: 'upload' as const,
    stream: 'orders',
    sourceName: 'orders.csv',
    writeTimeBase: 1_700_000_000_000_000n,
    createdAtMs,
    idempotencyKey: 'k',
    options: '{}',
  });
  const segment = (seq: number, count: number) => ({
    seq,
    topic: 'orders',
    partition: 1,
    base: '9007199254740993',
    count,
    firstRow: 2,
    lastRow: 1 + count,
    attempt: 1,
  });

  it('comes back as it was written, with its segments, by whoever asks', async () => {
    const jobs = new JobRepository(session);
    const job = newJob(Date.now());
    expect(await jobs.find(job.id)).toBeUndefined();
    const created = await jobs.create(job);
    expect(await jobs.find(job.id)).toMatchObject({
      ...job,
      state: 'receiving',
      received: 0,
      stored: null,
      revision: created,
    });
    expect(await jobs.segments(job.id)).toEqual([]);
    const change = {
      state: 'published' as const,
      sourceBytes: 172_163,
      sourceSha256: 'ab',
      received: 1_000,
      accepted: 970,
      published: 970,
      rejectedAtDoor: 30,
      stored: 963,
      rejectedInSink: 7,
      rejectedByCode: { missing_value: 13, ['__proto__']: 1 },
      warnings: ['w'],
      checkpoint: '{"lowWaterRow":5}',
      failure: 'why',
      publishedAtMs: 1_700_000_000_001,
      settledAtMs: 1_700_000_000_002,
    };
    const first = await jobs.update({ ...job, state: 'receiving', revision: created }, change, [
      segment(0, 317),
      segment(1, 5),
    ]);
    const read = await new JobRepository(session).find(job.id);
    expect(read).toEqual({ ...job, expected: undefined, ...change, revision: first });
    expect(await jobs.segments(job.id)).toEqual([segment(0, 317), segment(1, 5)]);
    const second = await jobs.update(read!, { stored: null, rejectedInSink: null, settledAtMs: null }, [segment(1, 6)]);
    expect(await jobs.find(job.id)).toEqual({
      ...read,
      stored: null,
      rejectedInSink: null,
      settledAtMs: null,
      revision: second,
    });
    expect(await jobs.segments(job.id)).toEqual([segment(0, 317), segment(1, 6)]);
  });

  it('taken over by a process whose clock is behind is changed all the same', async () => {
    const job = newJob(Date.now());
    const ahead = BigInt(Date.now() + 3_600_000) * 1_000n;
    const created = await new JobRepository(session, () => ahead).create(job);
    const jobs = new JobRepository(session);
    const revision = await jobs.update({ ...job, state: 'receiving', revision: created }, { state: 'interrupted' });
    expect(revision).toBe(ahead + 1n);
    expect((await jobs.find(job.id))?.state).toBe('interrupted');
  });

  it('is listed newest first, over days, page by page', async () => {
    const jobs = new JobRepository(session);
    const list = new JobList(session, jobs);
    const base = Date.parse('2031-05-05T12:00:00Z');
    const made = [0, 1, 1, 2, 90_000_000, 180_000_000, 9_000_000_000].map((after) => newJob(base + after));
    for (const job of made) await jobs.create(job);
    const ours: ReadonlySet<string> = new Set(made.map(({ id }) => id));
    const ids: string[] = [];
    let after: ReturnType<typeof parseJobCursor>;
    do {
      const page = await list.page({ limit: 2, after, matches: ({ id }) => ours.has(id) });
      expect(page.items.length).toBeLessThanOrEqual(2);
      ids.push(...page.items.map(({ id }) => id));
      after = page.next === null ? undefined : parseJobCursor(page.next);
    } while (after);
    const times = new Map<string, number>(made.map(({ id, createdAtMs }) => [id, createdAtMs]));
    expect(ids.map((id) => times.get(id))).toEqual([...times.values()].sort((a, b) => b - a));
    expect(new Set(ids).size).toBe(made.length);
  });

  it("is run by one owner at a time, and nobody's when its owner is gone", async () => {
    const leases = new LeaseRepository(session, 3);
    const id = randomUUID();
    const taken = await Promise.all(['a', 'b', 'c'].map((owner) => leases.take(id, owner)));
    expect(taken.filter(Boolean)).toHaveLength(1);
    const owner = ['a', 'b', 'c'][taken.indexOf(true)]!;
    expect(await leases.keep(id, 'd')).toBe(false);
    expect(await leases.keep(id, owner)).toBe(true);
    await until(async () => (await leases.ownerOf(id)) === undefined);
    expect(await leases.keep(id, owner)).toBe(false);
    expect(await leases.take(id, 'd')).toBe(true);
    await leases.release(id, 'd');
    expect(await leases.ownerOf(id)).toBeUndefined();
  });

  it('is the only one of its idempotency key', async () => {
    const keys = new IdempotencyKeyRepository(session);
    const key = randomUUID();
    const claims = ['1', '2'].map((options) => ({ jobId: randomUUID(), stream: 'orders', options }));
    const found = await Promise.all(claims.map((claim) => keys.claim(key, claim)));
    const winner = claims[found.indexOf(undefined)]!;
    expect(found.filter(Boolean)).toEqual([winner]);
    expect(await keys.claim(key, winner)).toBeUndefined();
    expect(await keys.complete(key, winner, 'sha')).toBe(true);
    expect(await keys.find(key)).toEqual({ ...winner, sha256: 'sha' });
    await keys.release(key, winner.jobId);
    expect(await keys.find(key)).toBeUndefined();
  });
});

describe('a dead letter', () => {
  const cause = { code: 'undecodable', stage: 'decode' as const, stream: 'orders' };
  const letterOf = (offset: string, jobId?: string): NewDeadLetter => ({
    ...cause,
    id: `orders-0-${offset}`,
    topic: 'orders',
    partition: 0,
    offset,
    reason: 'why',
    fingerprint: fingerprintOf(cause),
    recordTimeMs: 1_700_000_000_000,
    writeTimeMicros: 5n,
    jobId,
    jobRow: jobId === undefined ? undefined : 4,
    attempt: 1,
    firstSeenMs: 1_700_000_000_500,
    key: Buffer.from([0, 255]),
    value: Buffer.alloc(1_100_000, 7),
    headers: new Map([
      ['os-job', Buffer.from('x')],
      ['__proto__', Buffer.from([0])],
    ]),
  });

  it('keeps the record to the last byte, null and empty told apart', async () => {
    const letters = new DeadLetterRepository(session);
    const letter = letterOf('9007199254740993', randomUUID());
    await letters.put(letter);
    const { value, ...found } = (await letters.find(letter.id))!;
    expect(found).toEqual({ ...withoutValue(letter), column: undefined, state: 'open' });
    expect(Buffer.compare(value!, letter.value!)).toBe(0);
    await letters.put({ ...letterOf('2'), key: null, value: Buffer.alloc(0), headers: new Map() });
    expect(await letters.find('orders-0-2')).toMatchObject({ key: null, value: Buffer.alloc(0), headers: new Map() });
    expect(await letters.find('orders-0-nope')).toBeUndefined();
  });

  it('that was closed stays closed when the record is replayed, and was first seen when it was first seen', async () => {
    const letters = new DeadLetterRepository(session);
    const letter = letterOf('3');
    await letters.put(letter);
    const moves = await Promise.all([
      letters.move(letter, 'open', 'redriven'),
      letters.move(letter, 'open', 'redriven'),
    ]);
    expect(moves.filter(Boolean)).toHaveLength(1);
    expect(await letters.move(letter, 'redriven', 'closed')).toBe(true);
    await letters.put({ ...letter, firstSeenMs: letter.firstSeenMs + 60_000 });
    expect(await letters.find(letter.id)).toMatchObject({ state: 'closed', firstSeenMs: letter.firstSeenMs });
    expect(await letters.move(letter, 'closed', 'open')).toBe(true);
    expect(await letters.find(letter.id)).toMatchObject({ state: 'open' });
    expect(await letters.move({ id: 'orders-0-nope', topic: 'orders' }, 'open', 'closed')).toBe(false);
  });

  it('counts once for its job however often it is written, and is found by job, cause and page', async () => {
    const letters = new DeadLetterRepository(session);
    const jobId = randomUUID();
    for (const offset of ['10', '11', '12', '11', '10']) await letters.put({ ...letterOf(offset, jobId), value: null });
    const positions = (await collect(letters.positionsOfJob(jobId))).flat();
    expect(positions.map(({ offset }) => offset).sort()).toEqual(['10', '11', '12']);
    expect(positions[0]).toMatchObject({
      topic: 'orders',
      partition: 0,
      jobRow: 4,
      code: 'undecodable',
      state: 'open',
    });
    const first = await letters.list({ jobId, fingerprint: fingerprintOf(cause), limit: 2 });
    expect(first.items).toHaveLength(2);
    const rest = await letters.list({ jobId, fingerprint: fingerprintOf(cause), limit: 2, cursor: first.next! });
    expect([...first.items, ...rest.items].map(({ offset }) => offset).sort()).toEqual(['10', '11', '12']);
    expect((await letters.list({ topic: 'users', limit: 5 })).items).toEqual([]);
    await letters.move(letterOf('10'), 'open', 'discarded');
    const open = (await collect(letters.openLetters())).flat().filter((letter) => letter.jobId === jobId);
    expect(open.map(({ offset }) => offset).sort()).toEqual(['11', '12']);
  });
});

describe('a worker', () => {
  it('is listed while it says that it lives', async () => {
    const workers = new WorkerRepository(session, 3);
    await workers.put({ id: 'a', address: 'h:1', status: '{"x":1}' });
    await workers.put({ id: 'b', address: 'h:2', status: '{}' });
    expect(await workers.list()).toEqual([
      { id: 'a', address: 'h:1', status: '{"x":1}' },
      { id: 'b', address: 'h:2', status: '{}' },
    ]);
    await workers.remove('a');
    expect(await workers.list()).toMatchObject([{ id: 'b' }]);
    await until(async () => (await workers.list()).length === 0);
  });
});

const withoutValue = ({ value: _, ...rest }: NewDeadLetter) => rest;

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}

/** Asks until the condition holds; the test's own time-out ends it otherwise. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
