import { UnbindableValueError, type ReplicaSets, type Statement, type StatementRunner } from '@orderstream/cassandra';
import { createMetrics } from '@orderstream/observability';
import { CassandraWriter, type WriteContext } from './cassandra-writer.js';

const invalid = () => new UnbindableValueError('the key column order_id', 'x');
const overloaded = () => Object.assign(new Error('busy'), { name: 'BusyConnectionError' });

const statements = (count: number): Statement[] =>
  Array.from({ length: count }, (_, i) => ({
    query: 'q',
    params: [],
    sizeBytes: 10,
    partitionKeyId: String(i),
    partitionKey: Buffer.alloc(0),
  }));

/** A writer on a store that answers as told; records which rows came in which batch. */
function writerOn(answer: (rows: number[]) => Promise<void>) {
  const sent: number[][] = [];
  const runner = {
    executeBatch: (batch: readonly Statement[]) => {
      const rows = batch.map(({ partitionKeyId }) => Number(partitionKeyId));
      sent.push(rows);
      return answer(rows);
    },
  } as unknown as StatementRunner;
  const replicas = { replicaSetOf: () => '' } as unknown as ReplicaSets;
  const writer = new CassandraWriter(runner, replicas, createMetrics('test'), {
    maxKeys: 3,
    maxBytes: 5000,
    maxInFlight: 2,
  });
  return { writer, sent };
}

const context = (more: Partial<WriteContext> = {}): WriteContext => ({
  topic: 't',
  table: 't',
  deadlineMs: 1000,
  onProgress: () => Promise.resolve(),
  ...more,
});

describe('CassandraWriter', () => {
  it('stores everything in batches and leaves holes where there was no statement', async () => {
    const { writer, sent } = writerOn(() => Promise.resolve());
    const [a, b, c, d] = statements(4);
    const outcomes = await writer.write([a, undefined, b, c, d], 5, context());
    expect(outcomes.map((outcome) => outcome?.kind)).toEqual(['stored', 'waiting', 'stored', 'stored', 'stored']);
    expect(sent).toEqual([[0, 1, 2], [3]]);
  });

  it('refuses only the guilty row of a batch and stores its neighbours', async () => {
    const { writer, sent } = writerOn((rows) => (rows.includes(1) ? Promise.reject(invalid()) : Promise.resolve()));
    const outcomes = await writer.write(statements(3), 3, context());
    expect(outcomes.map((outcome) => outcome?.kind)).toEqual(['stored', 'refused', 'stored']);
    expect(outcomes[1]).toMatchObject({ fault: { code: 'refused_by_store' } });
    expect(sent).toEqual([[0, 1, 2], [0], [1], [2]]);
  });

  it('sends nothing more after a transient failure; what was not acknowledged waits', async () => {
    const { writer, sent } = writerOn(() => Promise.reject(overloaded()));
    const outcomes = await writer.write(statements(12), 12, context());
    expect(outcomes.every((outcome) => outcome?.kind === 'waiting')).toBe(true);
    expect(sent).toHaveLength(2);
  });

  it('reports an error without a class for the row that has it, and for no other', async () => {
    const { writer } = writerOn((rows) => (rows.includes(2) ? Promise.reject(new Error('odd')) : Promise.resolve()));
    const outcomes = await writer.write(statements(3), 3, context());
    expect(outcomes.map((outcome) => outcome?.kind)).toEqual(['stored', 'stored', 'unknown']);
  });

  it('does not wait beyond the deadline for a store that hangs', async () => {
    const { writer } = writerOn(() => new Promise(() => undefined));
    const outcomes = await writer.write(statements(12), 12, context({ deadlineMs: 20 }));
    expect(outcomes.every((outcome) => outcome?.kind === 'waiting')).toBe(true);
  });

  it('stops when the partition was revoked', async () => {
    const { writer, sent } = writerOn(() => Promise.resolve());
    await writer.write(statements(30), 30, context({ onProgress: () => Promise.reject(new Error('revoked')) }));
    expect(sent.length).toBeLessThan(4);
  });
});
