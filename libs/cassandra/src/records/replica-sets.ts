import type { CassandraSession } from '../session/cassandra-session.js';
import type { RingToken, TokenRing } from '../session/token-ring.js';
import type { Statement } from './statement.js';

/** What `replicaSetOf` answers while every partition is held by the same nodes, or the ring is not known. */
const ONE_SET = '';

interface SetRing {
  readonly version: TokenRing['version'];
  /** sorted; empty when there is one set only */
  readonly ends: readonly RingToken[];
  readonly sets: readonly string[];
}

/**
 * Groups writes by the nodes of the local data centre that hold their partition, so that a batch finds all its data
 * on its coordinator.
 */
export class ReplicaSets {
  private current: SetRing | undefined;

  constructor(private readonly session: CassandraSession) {}

  /** Equal for statements whose partitions lie on the same nodes. Hashes only when there is more than one answer. */
  replicaSetOf(statement: Statement): string {
    const ring = this.session.tokenRing();
    if (!ring) return ONE_SET;
    const { ends, sets } = this.setsOf(ring);
    if (ends.length === 0) return ONE_SET;
    return sets[firstAtOrAfter(ends, ring.tokenOf(statement.partitionKey))]!;
  }

  /** The driver makes new objects when topology or replication changes, so identity says whether ours is stale. */
  private setsOf(ring: TokenRing): SetRing {
    const [ranges, keyspace] = ring.version;
    const { current } = this;
    if (current && current.version[0] === ranges && current.version[1] === keyspace) return current;
    this.current = buildSets(ring, this.session.localDataCenter);
    return this.current;
  }
}

function buildSets(ring: TokenRing, dataCenter: string): SetRing {
  const ranges = ring.ranges().toSorted((a, b) => a.end.compare(b.end));
  const sets = ranges.map(({ replicas }) =>
    replicas
      .filter((replica) => replica.dataCenter === dataCenter)
      .map(({ address }) => address)
      .sort()
      .join(','),
  );
  const several = new Set(sets).size > 1;
  return { version: ring.version, ends: several ? ranges.map(({ end }) => end) : [], sets };
}

/** A range holds the tokens after its predecessor's end up to its own; beyond the last end the ring begins again. */
function firstAtOrAfter(ends: readonly RingToken[], token: RingToken): number {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ends[middle]!.compare(token) < 0) low = middle + 1;
    else high = middle;
  }
  return low % ends.length;
}
