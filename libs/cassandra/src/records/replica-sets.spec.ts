import type { CassandraSession } from '../session/cassandra-session.js';
import type { RingToken, TokenRing } from '../session/token-ring.js';
import { ReplicaSets } from './replica-sets.js';
import type { Statement } from './statement.js';

/** A token that is a number, for rings that can be read. */
class NumberToken implements RingToken {
  constructor(readonly at: number) {}
  compare(other: RingToken): number {
    return Math.sign(this.at - (other as NumberToken).at);
  }
}

const statementAt = (token: number): Statement => ({
  query: '',
  params: [],
  sizeBytes: 0,
  partitionKeyId: String(token),
  partitionKey: Uint8Array.of(token),
});

/** A ring whose partition keys hash to their first byte; `hashed` counts. */
function ringOf(replicasByEnd: Record<number, string[]>) {
  const counts = { hashed: 0, built: 0 };
  const ring: TokenRing = {
    version: [{}, {}],
    ranges: () => {
      counts.built++;
      return Object.entries(replicasByEnd).map(([end, addresses]) => ({
        end: new NumberToken(Number(end)),
        replicas: addresses.map((address) => ({ address, dataCenter: address.startsWith('far') ? 'far' : 'dc' })),
      }));
    },
    spans: () => [],
    tokenOf: (key) => {
      counts.hashed++;
      return new NumberToken(key[0]!);
    },
  };
  return { ring, counts };
}

const sessionOn = (current: { ring: TokenRing | undefined }): CassandraSession =>
  ({ tokenRing: () => current.ring, localDataCenter: 'dc' }) as unknown as CassandraSession;

describe('statements are grouped by the nodes that hold them', () => {
  it('a range holds the tokens up to its end, and the first range those beyond the last end', () => {
    const { ring } = ringOf({ 10: ['a'], 20: ['b'], 30: ['c'] });
    const sets = new ReplicaSets(sessionOn({ ring }));
    expect([0, 10, 11, 20, 25, 30, 31].map((t) => sets.replicaSetOf(statementAt(t)))).toEqual([
      'a',
      'a',
      'b',
      'b',
      'c',
      'c',
      'a',
    ]);
  });

  it('the same nodes in another order are the same group, and other data centres do not count', () => {
    const { ring } = ringOf({ 10: ['a', 'b', 'far1'], 20: ['b', 'a', 'far2'], 30: ['c', 'a', 'far1'] });
    const sets = new ReplicaSets(sessionOn({ ring }));
    expect(sets.replicaSetOf(statementAt(5))).toBe(sets.replicaSetOf(statementAt(15)));
    expect(sets.replicaSetOf(statementAt(25))).not.toBe(sets.replicaSetOf(statementAt(15)));
  });

  it('with one group nothing is hashed', () => {
    const { ring, counts } = ringOf({ 10: ['a', 'b', 'c'], 20: ['c', 'a', 'b'] });
    const sets = new ReplicaSets(sessionOn({ ring }));
    expect(sets.replicaSetOf(statementAt(5))).toBe(sets.replicaSetOf(statementAt(15)));
    expect(counts.hashed).toBe(0);
  });

  it('the ring is read once, and again when it changed', () => {
    const before = ringOf({ 10: ['a'], 20: ['b'] });
    const after = ringOf({ 10: ['x'], 20: ['y'] });
    const current: { ring: TokenRing | undefined } = { ring: before.ring };
    const sets = new ReplicaSets(sessionOn(current));
    expect([5, 15, 5].map((t) => sets.replicaSetOf(statementAt(t)))).toEqual(['a', 'b', 'a']);
    expect(before.counts.built).toBe(1);
    current.ring = after.ring;
    expect(sets.replicaSetOf(statementAt(5))).toBe('x');
    current.ring = undefined;
    expect(sets.replicaSetOf(statementAt(5))).toBe('');
  });
});
