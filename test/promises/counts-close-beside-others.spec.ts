/** Promise 5: jobs that share a partition are counted apart, also in the middle. */
import { jest } from '@jest/globals';
import type { CassandraSession } from '@orderstream/cassandra';
import {
  ApiClient,
  countsClose,
  cqlSession,
  eventually,
  KafkaTopics,
  ORDER_HEADER,
  orderLine,
  Sandbox,
  startRun,
} from '@orderstream/testing';

jest.setTimeout(240_000);

const ROWS = 4_000;
/** One category, so one message key and one partition for all of them. */
const csv = (prefix: string): string =>
  `${ORDER_HEADER}\n${Array.from({ length: ROWS }, (_, i) => `${orderLine(i, { category: 'books' }, prefix)}\n`).join('')}`;

describe('two uploads and a run in one partition', () => {
  let world: Sandbox;
  let session: CassandraSession;
  beforeAll(async () => {
    // The sink is away while all of them are taken: nothing is to be held back for that.
    world = await (await Sandbox.forTests({ MAX_LAG_SECONDS: '5m' })).start();
    session = await cqlSession(world);
  });
  afterAll(async () => {
    await session?.close();
    await world?.close();
  });

  /** Rows in the table by the job that wrote them. */
  async function rowsByJob(): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    const select = `SELECT job_id FROM ${world.keyspace}.orders`;
    for await (const page of session.pages(select, [])) {
      for (const row of page) counts.set(String(row['job_id']), (counts.get(String(row['job_id'])) ?? 0) + 1);
    }
    return counts;
  }

  it('are each counted as the table has them, while the sink is away in the middle and at the end', async () => {
    const api = new ApiClient(world.api.url);
    const run = await startRun(api, `rate=1000&count=${ROWS}&keys=1&seed=beside`);
    const uploads = Promise.all([api.upload(csv('a')), api.upload(csv('b'))]);
    await KafkaTopics.on(world.options.brokers).untilCommitted(world.id, world.topic('orders'), 1_000);
    await world.sink.stop();
    const ids = [run.id, ...(await uploads).map(({ id }) => id)];

    const table = await rowsByJob();
    const views = () => Promise.all(ids.map((id) => api.job(id)));
    // A job that is still fed shows what its last checkpoint knew; with the sink away, the table stands still.
    const asInTheTable = async () => (await views()).every(({ id, counts }) => counts.stored === (table.get(id) ?? 0));
    await eventually(asInTheTable, { what: 'each job with as many stored rows as the table has of it' });
    expect((await views()).some(({ counts }) => counts.pending > 0)).toBe(true);

    await world.sink.start();
    const settled = await Promise.all(ids.map((id) => api.settled(id)));
    settled.forEach(countsClose);
    expect(settled.map(({ counts }) => counts.stored)).toEqual([ROWS, ROWS, ROWS]);
    const after = await rowsByJob();
    expect(ids.map((id) => after.get(id))).toEqual([ROWS, ROWS, ROWS]);
    // `books` has one partition, and so has the one category of the run.
    const partitions = settled.map(({ segments }) => [...new Set(segments.map(({ partition }) => partition))]);
    expect(partitions.map(({ length }) => length)).toEqual([1, 1, 1]);
    expect(partitions[1]).toEqual(partitions[2]);
  });
});
