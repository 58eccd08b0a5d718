import { type CassandraSession, connectWhenReady, createCassandra, qualified } from '@orderstream/cassandra';
import type { JobView, VerifiedRun } from '@orderstream/contracts';
import type { ApiClient } from '../api-client.js';
import type { Sandbox } from '../sandbox.js';

export interface RunView extends JobView {
  readonly run: { readonly runKey: string; readonly count: number };
}

/** What a run says when nothing is wrong with it. */
export const FLAWLESS = { lost: 0, stale: 0, different: 0, unexpected: 0, missing: [] } as const;

/** Starts a run. Throws with the problem when it is refused. */
export async function startRun(api: ApiClient, query: string): Promise<RunView> {
  const { status, body } = await api.get<RunView>(`/generate?${query}`);
  if (status !== 202) throw new Error(`the run was answered with ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** Throws with the problem when the run is not verified. */
export async function verifyRun(api: ApiClient, id: string): Promise<VerifiedRun> {
  const { status, body } = await api.get<VerifiedRun>(`/generate/runs/${id}/verify`);
  if (status !== 200) throw new Error(`verify was answered with ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** A session for changes by hand, past the product. To be closed. */
export async function cqlSession({ options, keyspace }: Sandbox): Promise<CassandraSession> {
  const contactPoints = options.contactPoints.split(',');
  const session = createCassandra({ contactPoints, localDataCenter: 'datacenter1', keyspace });
  await connectWhenReady(session, AbortSignal.timeout(60_000));
  return session;
}

/** Deletes any `count` orders and answers their ids, sorted. */
export async function deleteOrders(session: CassandraSession, count: number): Promise<string[]> {
  const orders = qualified(session.keyspace, 'orders');
  const { rows } = await session.execute(`SELECT order_id FROM ${orders} LIMIT ${count}`);
  const ids = rows.map((row) => String(row['order_id']));
  for (const id of ids) await session.execute(`DELETE FROM ${orders} WHERE order_id = ?`, [id]);
  return ids.sort();
}
