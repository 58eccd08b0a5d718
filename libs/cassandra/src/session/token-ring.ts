import type { Client, Host, token } from 'cassandra-driver';

/** Opaque: a position on the ring. */
export interface RingToken {
  compare(other: RingToken): number;
}

/** The ring of one keyspace at one moment. `version` parts change identity when topology or replication does. */
export interface TokenRing {
  readonly version: readonly [unknown, unknown];
  /** ends of the token ranges in ring order, each with the addresses that hold it, per data centre */
  ranges(): ReadonlyArray<{ readonly end: RingToken; readonly replicas: readonly Replica[] }>;
  /** the same ranges as bounds of a query, none of which wraps around; together they hold every row once */
  spans(): TokenSpan[];
  tokenOf(partitionKey: Uint8Array): RingToken;
}

/** Tokens of the Murmur3 partitioner, the only one Cassandra has made new clusters with since 1.2. */
export interface TokenSpan {
  /** exclusive */
  readonly after: bigint;
  /** inclusive; null: to the end of the ring */
  readonly upTo: bigint | null;
}

export interface Replica {
  readonly address: string;
  readonly dataCenter: string;
}

/** Undefined until the driver has read the ring and the keyspace. */
export function tokenRingOf(client: Client, keyspace: string): TokenRing | undefined {
  const { metadata } = client;
  const ranges = metadata.getTokenRanges();
  const keyspaceData = (metadata as unknown as { keyspaces?: Record<string, unknown> }).keyspaces?.[keyspace];
  if (!ranges || !keyspaceData) return undefined;
  return {
    version: [ranges, keyspaceData],
    ranges: () =>
      [...ranges].map((range) => ({
        end: range.end,
        replicas: (metadata.getReplicas(keyspace, range) ?? []).map(replicaOf),
      })),
    spans: () => [...ranges].flatMap((range) => range.unwrap()).map(spanOf),
    tokenOf: (partitionKey) => metadata.newToken(partitionKey as Buffer),
  };
}

const replicaOf = (host: Host): Replica => ({ address: host.address, dataCenter: host.datacenter });

/** The driver ends the last range at the smallest token, which no row has. */
function spanOf({ start, end }: token.TokenRange): TokenSpan {
  const upTo = numberOf(end);
  return { after: numberOf(start), upTo: upTo === MIN_TOKEN ? null : upTo };
}

const MIN_TOKEN = -(2n ** 63n);

/** A token's own text is its number. */
const numberOf = (end: token.Token): bigint => BigInt((end as { toString(): string }).toString());
