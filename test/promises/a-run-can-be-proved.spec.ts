/** A run is held against what its seed makes, and what is wrong with the table is named, no more and no less. */
import { jest } from '@jest/globals';
import type { CassandraSession } from '@orderstream/cassandra';
import type { Page, Problem, VerifiedRun } from '@orderstream/contracts';
import {
  ApiClient,
  cqlSession,
  deleteOrders,
  eventually,
  FLAWLESS,
  Sandbox,
  startRun,
  verifyRun,
  type RunView,
} from '@orderstream/testing';

jest.setTimeout(240_000);

const RECORDS = 20_000;
const PLANTED = 20;

describe('a run can be proved', () => {
  let world: Sandbox;
  let api: ApiClient;
  let session: CassandraSession;

  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
    api = new ApiClient(world.api.url);
    session = await cqlSession(world);
  });
  afterAll(async () => {
    await session?.close();
    await world?.close();
  });

  const runOf = (query: string): Promise<RunView> => startRun(api, query);
  const settledRun = async (query: string): Promise<RunView> => {
    const run = await runOf(query);
    await api.settled(run.id);
    return run;
  };
  const verify = (id: string): Promise<VerifiedRun> => verifyRun(api, id);
  const table = (name: string): string => `${world.keyspace}.${name}`;
  const cql = (statement: string, params: readonly unknown[] = []) => session.execute(statement, params);

  it('20,000 orders with 5 % updates and 0.1 % faults: nothing lost, stale or unexpected, rejected = planted; then 10 deleted rows are exactly those it names', async () => {
    const run = await runOf(`rate=4000&count=${RECORDS}&updates=0.05&faults=0.001&seed=proof`);
    const early = await api.get<Problem>(`/generate/runs/${run.id}/verify`);
    expect([early.status, early.body.code]).toEqual([409, 'run_in_progress']);
    expect(early.headers.get('retry-after')).toMatch(/^\d+$/);
    const job = await api.settled(run.id);
    expect(job.counts).toMatchObject({ received: RECORDS, stored: RECORDS - PLANTED, rejected: PLANTED });
    expect(Object.keys(job.rejectedByCode).sort()).toEqual(['missing_value', 'out_of_range']);

    const proof = await verify(run.id);
    expect(proof).toMatchObject({
      ...FLAWLESS,
      expected: RECORDS,
      stored: RECORDS - PLANTED,
      rejected: PLANTED,
      planted: PLANTED,
    });
    expect(proof.latencyMs!.sampled).toBeGreaterThan(3);
    expect(proof.latencyMs!.p99).toBeGreaterThanOrEqual(proof.latencyMs!.p50);

    const deleted = await deleteOrders(session, 10);
    const torn = await verify(run.id);
    expect([...torn.missing].sort()).toEqual(deleted);
    expect(torn.lost).toBeGreaterThanOrEqual(10);
    expect(torn).toMatchObject({
      ...FLAWLESS,
      lost: torn.lost,
      missing: torn.missing,
      stored: proof.stored - torn.lost,
    });
  });

  it('another write time is stale, another value is different, and a row nobody made is unexpected', async () => {
    const run = await settledRun('rate=1000&count=300&seed=tampered');
    const id = (index: number) => `${run.run.runKey}-${index}`;
    const where = `WHERE order_id = ?`;
    const { rows } = await cql(`SELECT WRITETIME(product) AS written, job_id FROM ${table('orders')} ${where}`, [
      id(7),
    ]);
    const later = BigInt(String(rows[0]!['written'])) + 3_600_000_000n;
    await cql(`UPDATE ${table('orders')} USING TIMESTAMP ${later} SET kafka_partition = 1 ${where}`, [id(3)]);
    await cql(`UPDATE ${table('orders')} SET product = 'forged' ${where}`, [id(7)]);
    await cql(`INSERT INTO ${table('orders')} (order_id, job_id, job_row) VALUES (?, ?, 5)`, [
      'stray',
      rows[0]!['job_id'],
    ]);
    await cql(`INSERT INTO ${table('orders')} (order_id, quantity) VALUES (?, 1)`, [id(300)]);
    const verification = await verify(run.id);
    expect(verification).toMatchObject({ expected: 300, stored: 298, lost: 0, stale: 1, different: 1, unexpected: 2 });
    expect(verification.examples).toMatchObject({ stale: [id(3)], different: [id(7)] });
    expect([...verification.examples.unexpected].sort()).toEqual([id(300), 'stray'].sort());
  });

  it.each([
    ['olist-orders', 'keys=20&updates=0.3&faults=0.01', 30],
    ['users', 'updates=0.9&faults=0.01', 30],
    ['orders', 'keys=2&updates=0.9', 0],
    ['transactions', 'keys=50&updates=0.3&faults=0.01', 30],
    ['readings', 'keys=10&updates=0.3&faults=0.01', 30],
  ])('%s with %s are proved too, blanks that leave old values included', async (stream, options, planted) => {
    const run = await settledRun(`stream=${stream}&rate=2000..20000&duration=1s&count=3000&${options}`);
    expect(await verify(run.id)).toMatchObject({
      ...FLAWLESS,
      expected: 3000,
      stored: 3000 - planted,
      rejected: planted,
      planted,
    });
  });

  it('keys bounds the distinct keys, and what the generator does not have is refused', async () => {
    const { rows } = await cql(`SELECT DISTINCT customer_id FROM ${table('olist_orders')}`);
    expect(rows).toHaveLength(20);
    for (const query of [
      'keys=10',
      'stream=users&keys=5',
      'duration=forever&rate=1..2',
      'updates=0.95',
      'faults=0.6',
    ]) {
      const refused = await api.get<Problem>(`/generate?rate=50&${query}`.replace('rate=50&duration', 'duration'));
      expect([query, refused.status, refused.body.code]).toEqual([query, 400, 'bad_parameter']);
    }
  });

  it('a run is stopped through another replica, and listed with its options by both; a bad cursor is refused', async () => {
    const twin = await world.another('ingest-api');
    await twin.start();
    try {
      const run = await runOf('rate=200&duration=60s&updates=0.1');
      await eventually(async () => (await api.job(run.id)).counts.published > 20);
      const stopped = await fetch(`${twin.url}/generate/runs/${run.id}`, { method: 'DELETE' });
      expect(await stopped.json()).toMatchObject({ id: run.id, state: 'cancelled', run: { updates: 0.1 } });
      const { counts } = await api.settled(run.id);
      expect(counts.received).toBeLessThan(12_000);
      expect(await verify(run.id)).toMatchObject({ ...FLAWLESS, expected: counts.received, stored: counts.received });
      const { body: runs } = await new ApiClient(twin.url).get<Page<RunView>>('/generate/runs?limit=1');
      expect(runs.items).toMatchObject([{ id: run.id, run: { runKey: run.run.runKey } }]);
      const bad = await api.get<Problem>('/generate/runs?cursor=nonsense');
      expect([bad.status, bad.body.code]).toEqual([400, 'bad_parameter']);
    } finally {
      await twin.stop();
    }
  });
});
