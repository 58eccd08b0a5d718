import { USERS } from '@orderstream/streams';
import { RecordTable } from '../records/record-table.js';
import type { CassandraSession, ExecuteOptions, QueryResult } from '../session/cassandra-session.js';
import type { PlannedQuestion } from './question.js';
import { RecordQuestions } from './record-questions.js';

/** A table of so many rows, each with a text of so many bytes; its paging state is the row it comes to. */
class Rows {
  readonly fetchSizes: number[] = [];
  readonly keyspace = 'ks';

  constructor(
    private readonly count: number,
    private readonly bytes: number,
  ) {}

  async execute(_: string, __: unknown, { fetchSize = 5000, pageState = '0' }: ExecuteOptions): Promise<QueryResult> {
    this.fetchSizes.push(fetchSize);
    const begin = Number(pageState);
    const end = Math.min(this.count, begin + fetchSize);
    const rows = Array.from({ length: end - begin }, (_row, i) => ({
      id: `u${begin + i}`,
      address: 'x'.repeat(this.bytes),
    }));
    return end < this.count ? { rows, pageState: String(end) } : { rows };
  }
}

const pageOf = async (rows: Rows, limit: number, from?: string) => {
  const session = rows as unknown as CassandraSession;
  const questions = new RecordQuestions(session, new RecordTable(session, USERS));
  return questions.page(questions.plan({ filters: [] }) as PlannedQuestion, limit, from);
};

describe('a page of an answer', () => {
  it('has as many rows as were asked for, in pieces, and says where the next begins', async () => {
    const rows = new Rows(1_000, 10);
    const page = await pageOf(rows, 250);
    expect(page.records).toHaveLength(250);
    expect(page.pageState).toBe('250');
    expect(rows.fetchSizes).toEqual([100, 100, 50]);
    const last = await pageOf(rows, 250, '900');
    expect(last.records.at(-1)!.record['id']).toBe('u999');
    expect(last.pageState).toBeUndefined();
  });

  it('ends earlier where rows are large, and goes on from there', async () => {
    const page = await pageOf(new Rows(1_000, 100_000), 1_000);
    expect(page.records).toHaveLength(100);
    expect(page.pageState).toBe('100');
  });
});
