import { randomUUID } from 'node:crypto';
import {
  type CassandraSession,
  classify,
  connectWhenReady,
  createCassandra,
  migrate,
  RecordTable,
  ReplicaSets,
  type Statement,
  StatementRunner,
} from '@orderstream/cassandra';
import { defineStream, OLIST_ORDERS } from '@orderstream/streams';
import {
  CONTACT_POINTS,
  EVERY_TYPE,
  LOCAL_DATA_CENTER,
  MIGRATION,
  SCHEMA_TIMEOUT_MS,
  TestKeyspaces,
  until,
} from './cassandra-store.keyspaces.js';

const keyspaces = new TestKeyspaces();
let session: CassandraSession;
let runner: StatementRunner;
let everyType: RecordTable;
let olist: RecordTable;

beforeAll(async () => {
  session = await keyspaces.sessionOn();
  await migrate(session, MIGRATION);
  runner = new StatementRunner(session);
  everyType = new RecordTable(session, EVERY_TYPE);
  olist = new RecordTable(session, OLIST_ORDERS);
}, SCHEMA_TIMEOUT_MS);

afterAll(() => keyspaces.close(), SCHEMA_TIMEOUT_MS);

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
    keyspaces.warnings.length = 0;
    await runner.executeBatch(small);
    expect(keyspaces.warnings).toEqual([]);
    const large = [...batchOf(200, 30), olist.deleteStatement([olistRow(900)[1], olistRow(900)[0], 5], 1_000)];
    await runner.executeBatch(large);
    expect(keyspaces.warnings.join(' ')).toContain(`is of size ${sum(large)},`);
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

  it('refuses a data centre that the cluster does not have, at once, and leaves no socket behind', async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    const lost = createCassandra({ contactPoints: CONTACT_POINTS, localDataCenter: 'atlantis', keyspace: 'ks' });
    const before = sockets();
    for (let i = 0; i < 5; i++) {
      await expect(connectWhenReady(lost, AbortSignal.timeout(60_000))).rejects.toThrow('atlantis');
    }
    // Sockets of the tests before may still be closing, so not to the last one.
    await until(async () => sockets() < before + 3);
  });
});
