import cassandra from 'cassandra-driver';
import type { DseClientOptions } from 'cassandra-driver';
import type { CassandraOptions, Consistency } from './cassandra-options.js';

const { types, policies } = cassandra;

/** A node that is back is noticed within this; the driver's own default grows to ten minutes. */
const RECONNECT_BASE_MS = 250;
const RECONNECT_MAX_MS = 4_000;
/** An idle connection whose node hangs is given up after this and a request time-out. */
const HEARTBEAT_MS = 5_000;

export const CONSISTENCY: Record<Consistency, number> = {
  LOCAL_ONE: types.consistencies.localOne,
  LOCAL_QUORUM: types.consistencies.localQuorum,
  QUORUM: types.consistencies.quorum,
  EACH_QUORUM: types.consistencies.eachQuorum,
  ALL: types.consistencies.all,
  ONE: types.consistencies.one,
};

/** What the driver is told. Its defaults that do not fit: LOCAL_ONE, 12 s, not idempotent, a DSE handshake first. */
export function driverOptions(options: CassandraOptions): DseClientOptions {
  const bundle = options.secureConnectBundle;
  return {
    ...(bundle === undefined
      ? { contactPoints: [...options.contactPoints], localDataCenter: options.localDataCenter }
      : { cloud: { secureConnectBundle: bundle } }),
    ...(options.credentials ? { credentials: { ...options.credentials } } : {}),
    ...(options.tls && bundle === undefined ? { sslOptions: options.tls } : {}),
    // Agreement is awaited by `awaitSchemaAgreement`; the driver looks every half second only.
    protocolOptions: { maxVersion: 4, maxSchemaAgreementWaitSeconds: 0, ...portOf(options.contactPoints) },
    queryOptions: {
      consistency: CONSISTENCY[options.consistency ?? 'LOCAL_QUORUM'],
      isIdempotent: true,
      prepare: true,
    },
    socketOptions: {
      readTimeout: options.requestTimeoutMs ?? 5_000,
      connectTimeout: options.connectTimeoutMs ?? 5_000,
      tcpNoDelay: true,
    },
    pooling: {
      coreConnectionsPerHost: { [types.distance.local]: options.coreConnections ?? 1 },
      heartBeatInterval: HEARTBEAT_MS,
    },
    // No `map: Map`: the driver reads the replication of keyspaces with this too, finds none, and routes wrongly.
    encoding: { useBigIntAsLong: true, useUndefinedAsUnset: true },
    policies: {
      reconnection: new policies.reconnection.ExponentialReconnectionPolicy(RECONNECT_BASE_MS, RECONNECT_MAX_MS, false),
    },
    monitorReporting: { enabled: false },
  };
}

/** Nodes that are found through others tell no port: they are expected at that of the first contact point. */
function portOf(contactPoints: readonly string[]): { port: number } | Record<string, never> {
  const match = /^(?:[^:]+|\[.*\]):(\d+)$/.exec(contactPoints[0] ?? '');
  return match ? { port: Number(match[1]) } : {};
}
