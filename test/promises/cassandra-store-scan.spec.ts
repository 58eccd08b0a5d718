import { type CassandraSession, migrate, RecordTable, StatementRunner } from '@orderstream/cassandra';
import { EVERY_TYPE, MIGRATION, SCHEMA_TIMEOUT_MS, TestKeyspaces } from './cassandra-store.keyspaces.js';

const ROWS = 500;
const keyspaces = new TestKeyspaces();
let session: CassandraSession;
let table: RecordTable;
const ids = Array.from({ length: ROWS }, (_, n) => `scan-${String(n).padStart(3, '0')}`);

beforeAll(async () => {
  session = await keyspaces.sessionOn();
  await migrate(session, MIGRATION);
  table = new RecordTable(session, EVERY_TYPE);
  const runner = new StatementRunner(session);
  for (const [n, id] of ids.entries()) {
    await runner.executeBatch([table.insertStatement([id, n], { partition: 0, offset: String(n) }, 1_000_000 + n)]);
  }
}, SCHEMA_TIMEOUT_MS);

afterAll(() => keyspaces.close(), SCHEMA_TIMEOUT_MS);

describe('a scan by token range', () => {
  it.each([[7], [undefined]])('%s rows a page: gives every row exactly once, with its write time', async (pageRows) => {
    const seen: string[] = [];
    let largest = 0;
    const options = pageRows === undefined ? {} : { pageRows };
    await table.scan((records) => {
      largest = Math.max(largest, records.length);
      for (const { record, writeTimeMicros } of records) {
        expect(writeTimeMicros).toBe(1_000_000n + BigInt(Number(record['an_int'])));
        seen.push(String(record['id'] as string));
      }
    }, options);
    expect(seen.sort()).toEqual(ids);
    if (pageRows !== undefined) expect(largest).toBeLessThanOrEqual(pageRows);
  });

  it('covers the ring without gaps, each range beginning where another ends', () => {
    const spans = session.tokenRing()!.spans();
    const sorted = spans.toSorted((a, b) => (a.after < b.after ? -1 : 1));
    expect(sorted[0]!.after).toBe(-(2n ** 63n));
    expect(sorted.at(-1)!.upTo).toBeNull();
    expect(sorted.slice(1).map(({ after }) => after)).toEqual(sorted.slice(0, -1).map(({ upTo }) => upTo));
  });

  it('reads no further than what the reader takes, one page per range at once, and rejects with its error', async () => {
    let pages = 0;
    const refused = new Error('the reader has enough');
    const work = table.scan(
      () => {
        pages++;
        throw refused;
      },
      { pageRows: 7 },
    );
    await expect(work).rejects.toBe(refused);
    expect(pages).toBeLessThanOrEqual(4);
  });

  it('ends when it is told to', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const work = table.scan(() => stop.abort(reason), { pageRows: 7, signal: stop.signal });
    await expect(work).rejects.toBe(reason);
  });
});
