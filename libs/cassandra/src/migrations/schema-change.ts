import { retryUntil } from '@orderstream/resilience';
import { classify } from '../failures/classify.js';
import type { CassandraSession } from '../session/cassandra-session.js';
import { awaitSchemaAgreement } from '../session/schema-agreement.js';
import { SchemaDisagreementError } from './migration-errors.js';

const TRIES = 8;
const ASK_TRIES = 20;
/** Schema changes of a busy or cold cluster take seconds. */
const REQUEST_TIMEOUT_MS = 30_000;
/**
 * Nodes that start together can miss each other's changes, and ask for them only a minute later: agreement is waited for
 * in turns, after each of which the caller has a word.
 */
const AGREEMENT_MS = 15_000;
const AGREEMENT_TURNS = 20;
/** A node that was away for a moment, or is one of several that start, may not have heard of a table yet. */
const NOT_HEARD_OF: ReadonlySet<string> = new Set(['server_error', 'schema_missing', 'write_failure', 'read_failure']);
/** What another process that changes the schema at the same moment can make of our statement. */
const RACE_CODES: ReadonlySet<string> = new Set([...NOT_HEARD_OF, 'config_error']);

/**
 * Runs one `… IF NOT EXISTS` statement and waits for schema agreement, five minutes at most; `meanwhile` is called every
 * fifteen seconds of that. Tries again after time-outs and races; that the thing exists already counts as done. Rejects
 * with the driver's error, or SchemaDisagreementError.
 */
export async function changeSchema(
  session: CassandraSession,
  statement: string,
  signal?: AbortSignal,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  await retryUntil(() => runOnce(session, statement), {
    initialMs: 200,
    maxMs: 2_000,
    ...(signal ? { signal } : {}),
    shouldRetry: (error, attempt) => attempt < TRIES && mayPass(error),
  });
  for (let turn = 0; turn < AGREEMENT_TURNS; turn++) {
    if (await awaitSchemaAgreement(session, AGREEMENT_MS, signal)) return;
    await meanwhile();
  }
  throw new SchemaDisagreementError(statement);
}

/**
 * What is asked of a table that another process is making at this moment, which not every replica may have heard of: asked
 * again until they have, about half a minute. Rejects with the driver's error, at once where the table is not there.
 */
export function onceHeardOf<T>(ask: () => Promise<T>): Promise<T> {
  return retryUntil(ask, {
    initialMs: 200,
    maxMs: 2_000,
    shouldRetry: (error, attempt) => attempt < ASK_TRIES && mayPass(error) && classify(error).code !== 'schema_missing',
  });
}

async function runOnce(session: CassandraSession, statement: string): Promise<void> {
  try {
    // Not idempotent for the driver: its retry would run on a second coordinator while the first is still at it.
    await session.execute(statement, [], { prepared: false, idempotent: false, requestTimeoutMs: REQUEST_TIMEOUT_MS });
  } catch (error) {
    if (classify(error).code !== 'already_exists') throw error;
  }
}

/** True when asking once more, a little later, can be answered otherwise. */
export const mayBeHeardOf = (error: unknown): boolean => isTransientOr(NOT_HEARD_OF, error);

const mayPass = (error: unknown): boolean => isTransientOr(RACE_CODES, error);

function isTransientOr(codes: ReadonlySet<string>, error: unknown): boolean {
  const failure = classify(error);
  return failure.class === 'transient' || codes.has(failure.code);
}
