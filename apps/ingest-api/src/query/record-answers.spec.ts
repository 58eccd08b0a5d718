import type { FoundRecord, RecordQuestions } from '@orderstream/cassandra';
import type { Log } from '@orderstream/observability';
import { StreamRegistry, USERS } from '@orderstream/streams';
import { OpenAnswers } from './open-answers.js';
import { RecordAnswers } from './record-answers.js';
import { ndjsonWriter } from './record-writers.js';

const user = (id: string, address: string): FoundRecord => ({
  record: { id, address },
  writeTimeMicros: 0n,
  lineage: { partition: 0, offset: '0' },
});

/** A table of so many rows; what fails, and when, is the test's. */
class Table {
  readonly pageRows: number[] = [];
  fails: Error | undefined;

  constructor(
    private readonly rows: number,
    private readonly address: string,
  ) {}

  plan = () => ({ query: 'q', params: [] });

  async *pages(_: unknown, { pageRows }: { pageRows: () => number }): AsyncGenerator<FoundRecord[]> {
    for (let at = 0; at < this.rows;) {
      if (this.fails && this.pageRows.length > 0) throw this.fails;
      const count = Math.min(pageRows(), this.rows - at);
      this.pageRows.push(count);
      yield Array.from({ length: count }, (__, i) => user(`u${at + i}`, this.address));
      at += count;
    }
  }
}

describe('a whole answer', () => {
  const warnings: unknown[] = [];
  const open = new OpenAnswers();
  const answersOf = (table: object): RecordAnswers => {
    const log = { warn: (fields: unknown) => warnings.push(fields) } as unknown as Log;
    const questions = new Map([['users', table as RecordQuestions]]);
    return new RecordAnswers(new StreamRegistry([USERS]), questions, open, log);
  };
  const whole = (table: object, gone = new AbortController().signal) =>
    answersOf(table).whole('users', {}, { writer: ndjsonWriter, gone });
  beforeEach(() => void warnings.splice(0));

  it('reads pages of about a quarter of a megabyte, however large its rows are', async () => {
    for (const [bytes, rows] of [
      [10, 2_000],
      [10_000, 26],
      [600_000, 1],
    ] as const) {
      const table = new Table(3_000, 'x'.repeat(bytes));
      const { chunks } = await whole(table);
      for (let n = 0; n < 3; n++) await chunks.next();
      await chunks.return(undefined);
      expect(table.pageRows[0]).toBe(25);
      expect(table.pageRows[2]).toBeGreaterThanOrEqual(Math.min(rows - 1, 900));
      expect(table.pageRows[2]).toBeLessThanOrEqual(rows + 1);
    }
  });

  it('that fails before its first piece is a problem, and later an error of the stream that is logged', async () => {
    const failing = {
      plan: () => ({ query: 'q', params: [] }),
      // eslint-disable-next-line require-yield
      async *pages(): AsyncGenerator<FoundRecord[]> {
        throw new Error('gone');
      },
    };
    await expect(whole(failing)).rejects.toMatchObject({ code: 'store_unavailable' });
    const table = new Table(500, 'a');
    table.fails = new Error('gone later');
    const { chunks } = await whole(table);
    expect((await chunks.next()).done).toBe(false);
    await expect(chunks.next()).rejects.toThrow('gone later');
    expect(warnings).toHaveLength(1);
  });

  it('ends with an error when the process ends', async () => {
    const { chunks } = await whole(new Table(5_000, 'a'));
    await chunks.next();
    open.end();
    await expect(chunks.next()).rejects.toThrow('the process is ending');
  });
});
