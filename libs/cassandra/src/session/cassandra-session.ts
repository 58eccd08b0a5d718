import cassandra from 'cassandra-driver';
import type { Client, Host, QueryOptions, types } from 'cassandra-driver';
import type { CassandraOptions, Consistency } from './cassandra-options.js';
import { CONSISTENCY, driverOptions } from './driver-options.js';
import { classify } from '../failures/classify.js';
import { askAgain } from './ask-again.js';
import { forgetPrepared, prepare } from './prepare-handler.js';
import { SessionNotConnectedError } from './session-errors.js';
import { type TokenRing, tokenRingOf } from './token-ring.js';

/** One row of an answer: decoded values by column name. */
export type ResultRow = Readonly<Record<string, unknown>>;

export interface QueryResult {
  readonly rows: readonly ResultRow[];
  /** where the next page begins; absent on the last one */
  readonly pageState?: string;
}

export interface ExecuteOptions {
  /** rows per page, default 5000 */
  readonly fetchSize?: number;
  readonly pageState?: string;
  /** ms, instead of the session's */
  readonly requestTimeoutMs?: number;
  /** instead of the session's */
  readonly consistency?: Consistency | undefined;
  /** false for what must not be carried out twice, as most lightweight transactions. Default true. */
  readonly idempotent?: boolean;
  /** false where the caller asks again by a rule of its own. Default true. */
  readonly again?: boolean;
  /** false for statements that run once (schema). Default true. */
  readonly prepared?: boolean;
}

/** What `batch` needs of a statement. */
export interface BoundStatement {
  readonly query: string;
  readonly params: readonly unknown[];
  readonly consistency?: Consistency | undefined;
}

/**
 * The one connection of a process to Cassandra. Once connected, reconnecting is the driver's. Errors of `execute`
 * and `batch` are the driver's own: give them to `classify`.
 */
export class CassandraSession {
  private client: Client | undefined;

  constructor(private readonly options: CassandraOptions) {}

  get keyspace(): string {
    return this.options.keyspace;
  }

  get localDataCenter(): string {
    return this.options.localDataCenter;
  }

  /** One try; rejects with the driver's error. A client that failed to connect keeps parts of its state: a new one each try. */
  async connect(): Promise<void> {
    if (this.client) return;
    const client = new cassandra.Client(driverOptions(this.options));
    try {
      await client.connect();
    } catch (error) {
      await discard(client);
      throw error;
    }
    this.client = client;
  }

  /** True while at least one node of the local data centre can be asked; looks at the driver's state only. */
  isUp(): boolean {
    return this.localHosts().length > 0;
  }

  /** Asks a node; false when no answer came within `deadlineMs`. Never rejects. */
  async ping(deadlineMs: number): Promise<boolean> {
    try {
      await this.execute('SELECT key FROM system.local', [], { requestTimeoutMs: deadlineMs, again: false });
      return true;
    } catch {
      return false;
    }
  }

  /** The name the cluster gives itself. Rejects with the driver's error. */
  async clusterName(): Promise<string> {
    const { rows } = await this.execute('SELECT cluster_name FROM system.local');
    return String(rows[0]?.['cluster_name']);
  }

  async execute(query: string, params: readonly unknown[] = [], options: ExecuteOptions = {}): Promise<QueryResult> {
    const ask = () =>
      this.send([{ query }], (client) => client.execute(query, params as unknown[], queryOptions(options)));
    const result = await (options.idempotent === false || options.again === false ? ask() : askAgain(ask));
    this.report(result);
    const rows = (result.rows ?? []) as unknown as readonly ResultRow[];
    return result.pageState ? { rows, pageState: result.pageState } : { rows };
  }

  /** All pages, one after the other. */
  async *pages(
    query: string,
    params: readonly unknown[],
    options: ExecuteOptions = {},
  ): AsyncGenerator<readonly ResultRow[]> {
    let pageState: string | undefined;
    do {
      const page = await this.execute(query, params, pageState === undefined ? options : { ...options, pageState });
      yield page.rows;
      pageState = page.pageState;
    } while (pageState !== undefined);
  }

  /** One unlogged batch. Within one partition it is applied as a whole or not at all; across partitions it is not. */
  async batch(statements: readonly BoundStatement[]): Promise<void> {
    const queries = statements as unknown as Array<{ query: string; params: unknown[] }>;
    const result = await this.send(queries, (client) =>
      client.batch(queries, { prepare: true, logged: false, isIdempotent: true, ...levelOf(statements[0]) }),
    );
    this.report(result);
  }

  /** Rejects with the driver's error when the server refuses one, for example because a column is missing. */
  async prepare(queries: readonly string[]): Promise<void> {
    const client = this.connected();
    for (const query of queries) await prepare(client, query);
  }

  /** The ring as the driver knows it now; the same object until it changes. */
  tokenRing(): TokenRing | undefined {
    return this.client && tokenRingOf(this.client, this.options.keyspace);
  }

  /** The schema versions of the nodes of the local data centre, each asked itself; those that do not answer are left out. */
  async schemaVersions(): Promise<ReadonlySet<string>> {
    const client = this.connected();
    const answers = await Promise.allSettled(
      this.localHosts().map((host) => client.execute('SELECT schema_version FROM system.local', [], { host })),
    );
    const rows = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value.rows : []));
    return new Set(rows.map((row) => String(row['schema_version'])));
  }

  async close(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.shutdown();
  }

  /**
   * A node that refuses to prepare a statement again, because its table was changed, shows as `unprepared` only: the
   * driver keeps the reason to itself, for ever. Prepared anew, the next try is told it.
   */
  private async send<T>(statements: readonly { query: string }[], call: (client: Client) => Promise<T>): Promise<T> {
    const client = this.connected();
    try {
      return await call(client);
    } catch (error) {
      if (classify(error).code === 'unprepared') for (const { query } of statements) forgetPrepared(client, query);
      throw error;
    }
  }

  /** those that are up */
  private localHosts(): Host[] {
    const hosts = this.client?.hosts.values() ?? [];
    return hosts.filter((host) => host.datacenter === this.options.localDataCenter && host.isUp());
  }

  private connected(): Client {
    if (!this.client) throw new SessionNotConnectedError();
    return this.client;
  }

  private report(result: types.ResultSet): void {
    const warnings = result.info?.warnings;
    if (warnings?.length) this.options.onServerWarning?.(warnings);
  }
}

/** A session that is not connected yet; see `connectWhenReady`. */
export const createCassandra = (options: CassandraOptions): CassandraSession => new CassandraSession(options);

function queryOptions(options: ExecuteOptions): QueryOptions {
  const { fetchSize, pageState, requestTimeoutMs } = options;
  return {
    prepare: options.prepared ?? true,
    isIdempotent: options.idempotent ?? true,
    ...(fetchSize === undefined ? {} : { fetchSize }),
    ...(pageState === undefined ? {} : { pageState }),
    ...(requestTimeoutMs === undefined ? {} : { readTimeout: requestTimeoutMs }),
    ...levelOf(options),
  };
}

const levelOf = (given: { readonly consistency?: Consistency | undefined } | undefined): QueryOptions =>
  given?.consistency === undefined ? {} : { consistency: CONSISTENCY[given.consistency] };

interface ControlConnection {
  readonly connection?: { close(): void } | null;
  shutdown(): void;
}

/** `shutdown` of a client that never connected does nothing: its control connection would keep its socket for good. */
async function discard(client: Client): Promise<void> {
  const { controlConnection } = client as unknown as { controlConnection?: ControlConnection };
  controlConnection?.shutdown();
  controlConnection?.connection?.close();
  await client.shutdown();
}
