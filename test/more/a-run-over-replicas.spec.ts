/** Promises 1 and 5 for runs: one run for one query, over all replicas; and one whose replica was killed can be proved. */
import { jest } from '@jest/globals';
import type { CassandraSession } from '@orderstream/cassandra';
import {
  ApiClient,
  countsClose,
  cqlSession,
  eventually,
  FLAWLESS,
  Sandbox,
  startRun,
  verifyRun,
  type AppProcess,
  type RunView,
} from '@orderstream/testing';

jest.setTimeout(240_000);

describe('a run', () => {
  let world: Sandbox;
  let twin: AppProcess;
  let session: CassandraSession;

  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
    twin = await world.another('ingest-api');
    await twin.start();
    session = await cqlSession(world);
  });
  afterAll(async () => {
    await session?.close();
    await twin?.stop();
    await world?.close();
  });

  it('whose API was killed is proved for what Kafka had acknowledged in each partition, no more and no less', async () => {
    const api = new ApiClient(world.api.url);
    const { id, run } = await startRun(api, 'rate=3000&count=100000&seed=killed');
    const there = new ApiClient(twin.url);
    await eventually(async () => (await there.job(id)).counts.published > 3_000, { what: 'a checkpoint of the run' });
    await world.api.kill();
    await world.api.start();

    const job = await api.settled(id);
    countsClose(job);
    const { published } = job.counts;
    expect([job.state, published < 100_000]).toEqual(['interrupted', true]);
    const throughByPartition = new Map<number, number>();
    for (const { partition, lastRow } of job.segments) throughByPartition.set(partition, lastRow);
    expect(throughByPartition.size).toBe(3);
    expect(await verifyRun(api, id)).toMatchObject({ ...FLAWLESS, expected: published, stored: published });

    // The last acknowledged order of each partition is missed, also where others of its number are not.
    const lastOrders = [...throughByPartition.values()].map((row) => `${run.runKey}-${row}`).sort();
    for (const order of lastOrders) {
      await session.execute(`DELETE FROM ${world.keyspace}.orders WHERE order_id = ?`, [order]);
    }
    const torn = await verifyRun(api, id);
    expect([...torn.missing].sort()).toEqual(lastOrders);
    expect(torn).toMatchObject({ lost: 3, stored: published - 3, unexpected: 0 });
  });

  it('is one for one query on all replicas; when its replica is killed the same query starts a new one', async () => {
    const query = '/generate?rate=20&duration=120s&seed=one';
    const [here, there] = [new ApiClient(world.api.url), new ApiClient(twin.url)];
    const both = await Promise.all([here.get<RunView>(query), there.get<RunView>(query)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 202]);
    expect(both[0].body.id).toBe(both[1].body.id);
    const [owner, other] = both[0].status === 202 ? [world.api, there] : [twin, here];
    const again = await other.get<RunView>(query);
    expect([again.status, again.body.id]).toEqual([200, both[0].body.id]);

    await owner.kill();
    const taken = async () => {
      const answer = await other.get<RunView>(query);
      return answer.status === 202 && answer.body;
    };
    const next = await eventually(taken, { timeoutMs: 10_000, what: 'a new run in place of the dead one' });
    expect(next.id).not.toBe(both[0].body.id);
    await owner.start();
    const fromOwner = await new ApiClient(owner.url).get<RunView>(query);
    expect([fromOwner.status, fromOwner.body.id]).toEqual([200, next.id]);

    await fetch(`${owner.url}/generate/runs/${next.id}`, { method: 'DELETE' });
    const afterEnd = await new ApiClient(owner.url).get<RunView>(query);
    expect([afterEnd.status, afterEnd.body.id === next.id]).toEqual([202, false]);
    await fetch(`${owner.url}/generate/runs/${afterEnd.body.id}`, { method: 'DELETE' });
  });
});
