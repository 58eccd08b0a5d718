import type { ConnectionOptions } from 'node:tls';
import type { WriteConsistency } from '@orderstream/streams';

/** Writes of a stream may have one of their own: the same names. */
export type Consistency = WriteConsistency;

export interface CassandraOptions {
  /** `host` or `host:port`; may be empty only with `secureConnectBundle` */
  readonly contactPoints: readonly string[];
  /** must be the name the nodes themselves use; a wrong one is refused at connect */
  readonly localDataCenter: string;
  /** every statement names it; the session itself has no current keyspace */
  readonly keyspace: string;
  /** default LOCAL_QUORUM, for reads and writes */
  readonly consistency?: Consistency;
  readonly credentials?: { readonly username: string; readonly password: string };
  /** longest wait for one answer of one node, ms; default 5000 */
  readonly requestTimeoutMs?: number;
  /** longest wait for a socket to open, ms; default 5000 */
  readonly connectTimeoutMs?: number;
  /** connections per node of the local data centre; default 1 (2048 requests each) */
  readonly coreConnections?: number;
  readonly tls?: ConnectionOptions;
  /** path of a secure connect bundle; replaces contact points and `tls` */
  readonly secureConnectBundle?: string;
  /** Called with the warnings that came with an answer (large batch, many tombstones). Must not throw. */
  readonly onServerWarning?: (warnings: readonly string[]) => void;
}
