import { wait } from '@orderstream/resilience';
import type { CassandraSession } from './cassandra-session.js';

const POLL_MS = 100;

/**
 * Waits until all nodes of the local data centre that can be asked have the same schema; false when `deadlineMs` came
 * first. The driver's own wait asks one node what it has heard of the others, only after changes it made itself, and
 * counts nodes that are down, which would hold up every start.
 */
export async function awaitSchemaAgreement(
  session: CassandraSession,
  deadlineMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  for (let waitedMs = 0; waitedMs <= deadlineMs; waitedMs += POLL_MS) {
    if ((await session.schemaVersions()).size === 1) return true;
    await wait(POLL_MS, signal);
  }
  return false;
}
