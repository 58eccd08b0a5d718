import type { Statement } from '@orderstream/cassandra';
import fc from 'fast-check';
import { planBatches } from './batch-plan.js';

const statement = (sizeBytes: number, replicaSet: number) =>
  ({ sizeBytes, params: [replicaSet] }) as unknown as Statement;
const replicaSetOf = (of: Statement) => String((of as unknown as { params: number[] }).params[0]);

describe('planBatches', () => {
  it('puts every row in exactly one batch of its replica set, under both limits, in order', () => {
    const rows = fc.array(
      fc.option(fc.tuple(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 0, max: 3 })), { nil: undefined }),
    );
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 10 }), (specs, maxKeys) => {
        const statements = specs.map((spec) => spec && statement(...spec));
        const plan = [...planBatches(statements, { maxKeys, maxBytes: 5000 }, replicaSetOf)].map(
          ({ indexes }) => indexes,
        );
        const planned = plan.flat().toSorted((a, b) => a - b);
        expect(planned).toEqual(statements.flatMap((s, i) => (s ? [i] : [])));
        for (const batch of plan) {
          expect(batch.length).toBeLessThanOrEqual(maxKeys);
          expect(batch).toEqual(batch.toSorted((a, b) => a - b));
          expect(new Set(batch.map((i) => replicaSetOf(statements[i]!))).size).toBe(1);
          const bytes = batch.reduce((sum, i) => sum + statements[i]!.sizeBytes, 0);
          expect(batch.length === 1 || bytes <= 5000).toBe(true);
        }
      }),
    );
  });

  it('leaves a row larger than the limit alone', () => {
    const rows = [statement(100, 0), statement(9000, 0), statement(100, 0)];
    const plan = planBatches(rows, { maxKeys: 10, maxBytes: 5000 }, replicaSetOf);
    expect([...plan].map(({ indexes }) => indexes)).toEqual([[0], [1], [2]]);
  });

  it('takes no more statements than the batch that is asked for needs', () => {
    let taken = 0;
    const rows = (function* () {
      for (; ; taken++) yield statement(100, 0);
    })();
    const plan = planBatches(rows, { maxKeys: 10, maxBytes: 5000 }, replicaSetOf);
    plan.next();
    expect(taken).toBeLessThanOrEqual(10);
  });
});
