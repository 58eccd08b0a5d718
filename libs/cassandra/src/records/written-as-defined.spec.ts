import { ORDERS } from '@orderstream/streams';
import type { CassandraSession } from '../session/cassandra-session.js';
import { RecordBinder } from './record-binder.js';
import { StatementRunner } from './statement-runner.js';

const ROW = ['o-1', undefined, 'Lamp', 'home', 1, '2.50', 0, '2.50'];
const LINEAGE = { partition: 0, offset: '1' };
const DEFINED = { ...ORDERS, ttl: 3600, consistency: 'EACH_QUORUM' } as const;
const bound = new RecordBinder(DEFINED, 'ks').insert(ROW, LINEAGE, 5);
const plain = new RecordBinder(ORDERS, 'ks').insert(ROW, LINEAGE, 5);

/** The session alone is not real: it notes what it gets. */
function noted() {
  const calls: unknown[] = [];
  const session = {
    execute: async (_query: string, _params: unknown, options: unknown) => void calls.push(options),
    batch: async (statements: readonly { consistency?: string }[]) =>
      void calls.push(statements.map(({ consistency }) => consistency)),
  } as unknown as CassandraSession;
  return { calls, runner: new StatementRunner(session) };
}

describe('a row is written as its definition says', () => {
  it('for so many seconds', () => {
    expect(bound.query).toMatch(/ USING TIMESTAMP \? AND TTL 3600$/);
    expect(plain.query).toMatch(/ USING TIMESTAMP \?$/);
    expect(bound.params).toHaveLength(plain.params.length);
  });

  it('with its consistency, alone, in a batch, and when it is deleted', async () => {
    const { calls, runner } = noted();
    await runner.executeBatch([bound]);
    await runner.executeBatch([bound, bound]);
    await runner.executeBatch([plain]);
    expect(calls).toMatchObject([
      { consistency: 'EACH_QUORUM' },
      ['EACH_QUORUM', 'EACH_QUORUM'],
      { consistency: undefined },
    ]);
    expect(new RecordBinder(DEFINED, 'ks').delete(['o-1'], 5).consistency).toBe('EACH_QUORUM');
  });
});
