import type { Client, Host } from 'cassandra-driver';

/** Opaque: a position on the ring. */
export interface RingToken {
  compare(other: RingToken): number;
}

/** The ring of one keyspace at one moment. `version` parts change identity when topology or replication does. */
export interface TokenRing {
  readonly version: readonly [unknown, unknown];
  /** ends of the token ranges in ring order, each with the addresses that hold it, per data centre */
  ranges(): ReadonlyArray<{ readonly end: RingToken; readonly replicas: readonly Replica[] }>;
  tokenOf(partitionKey: Uint8Array): RingToken;
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
    tokenOf: (partitionKey) => metadata.newToken(partitionKey as Buffer),
  };
}

const replicaOf = (host: Host): Replica => ({ address: host.address, dataCenter: host.datacenter });
