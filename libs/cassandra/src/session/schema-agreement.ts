import { wait } from '@orderstream/resilience';
import type { CassandraSession } from './cassandra-session.js';

const POLL_MS = 100;

/**
 * Waits until every node that is up has the same schema; false when `deadlineMs` came first. The driver waits only
 * after changes it made itself, and counts nodes that are down, which would hold up every start.
 */
export async function awaitSchemaAgreement(
  session: CassandraSession,
  deadlineMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  for (let waitedMs = 0; waitedMs <= deadlineMs; waitedMs += POLL_MS) {
    if ((await schemaVersions(session)).size <= 1) return true;
    await wait(POLL_MS, signal);
  }
  return false;
}

async function schemaVersions(session: CassandraSession): Promise<Set<string>> {
  const down = session.downAddresses();
  const local = await session.execute('SELECT schema_version FROM system.local');
  const peers = await session.execute('SELECT rpc_address, schema_version FROM system.peers');
  const versions = local.rows.map((row) => String(row['schema_version']));
  for (const { rpc_address: address, schema_version: version } of peers.rows) {
    if (version && !down.has(String(address))) versions.push(String(version));
  }
  return new Set(versions);
}
