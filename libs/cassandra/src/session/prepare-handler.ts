import type { Client } from 'cassandra-driver';
// The driver has no public way to prepare without executing; its version is pinned and a test against a real
// node goes through here.
// @ts-expect-error -- this file of the driver has no types
import PrepareHandler from 'cassandra-driver/lib/prepare-handler.js';

interface Handler {
  getPrepared(client: Client, policy: unknown, query: string, keyspace: string | undefined): Promise<unknown>;
}

/** Prepares one statement on every node that is up. Rejects with the driver's error when the server refuses it. */
export async function prepare(client: Client, query: string): Promise<void> {
  const { options } = client as unknown as { options: { policies: { loadBalancing: unknown } } };
  await (PrepareHandler as Handler).getPrepared(client, options.policies.loadBalancing, query, client.keyspace);
}

interface WithPrepared {
  readonly metadata: { getPreparedInfo(keyspace: string | undefined, query: string): { queryId: unknown } };
}

/** Whoever runs the statement next prepares it again, and is told what the server says to it now. */
export function forgetPrepared(client: Client, query: string): void {
  (client as unknown as WithPrepared).metadata.getPreparedInfo(client.keyspace, query).queryId = undefined;
}
