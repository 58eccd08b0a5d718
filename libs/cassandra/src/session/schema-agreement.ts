import { wait } from '@orderstream/resilience';
import { textIn } from '../values/result-values.js';
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
  const heard = peers.rows.filter((row) => !down.has(textIn(row, 'rpc_address') ?? ''));
  const versions = [...local.rows, ...heard].map((row) => textIn(row, 'schema_version'));
  return new Set(versions.filter((version) => version !== undefined));
}
