import type { StreamDefinition } from '@orderstream/streams';
import { deadLetterStatements } from '../dead-letters/dead-letter-statements.js';
import { idempotencyKeyStatements, jobStatements, leaseStatements } from '../jobs/job-statements.js';
import { createKeyspace } from '../migrations/keyspace.js';
import { latencyStatements } from '../jobs/latency-repository.js';
import { stopStatements } from '../jobs/stop-repository.js';
import { migrationsOf } from '../migrations/migration-list.js';
import { overruleStatements } from '../overrules/overrule-repository.js';
import { redriveStatements } from '../redrives/redrive-statements.js';
import { recountStatements, rollupStatements } from '../rollups/rollup-statements.js';
import { statsScanStatements } from '../rollups/stats-scan.js';
import { rejectStatements } from '../rejects/reject-statements.js';
import { partitionOrderStatements } from '../workers/partition-order-repository.js';
import { workerStatements } from '../workers/worker-repository.js';
import { recordStatements } from './record-statements.js';

const KEYSPACE = 'orderstream';

/**
 * Every statement the library runs on its tables, as files by name. They are kept beside the code, so that a changed
 * query shows in review.
 */
export function recordedCql(streams: readonly StreamDefinition[]): Map<string, string> {
  const migrations = migrationsOf(KEYSPACE, streams);
  const schema = migrations.filter(({ definition }) => !definition).flatMap(({ statements }) => statements);
  const files = new Map([
    ['schema.cql', file({ keyspace: createKeyspace(KEYSPACE, 'datacenter1', 1), ...numbered(schema) })],
    ['jobs.cql', file(jobStatements(KEYSPACE))],
    ['job-leases.cql', file(leaseStatements(KEYSPACE))],
    ['job-stops.cql', file(stopStatements(KEYSPACE))],
    ['run-latencies.cql', file(latencyStatements(KEYSPACE))],
    ['idempotency-keys.cql', file(idempotencyKeyStatements(KEYSPACE))],
    ['dead-letters.cql', file(deadLetterStatements(KEYSPACE))],
    ['redrives.cql', file(redriveStatements(KEYSPACE))],
    ['rejects.cql', file(rejectStatements(KEYSPACE))],
    ['overrules.cql', file(overruleStatements(KEYSPACE))],
    ['rollups.cql', file(rollupStatements(KEYSPACE))],
    ['recounts.cql', file(recountStatements(KEYSPACE))],
    ['workers.cql', file(workerStatements(KEYSPACE))],
    ['partition-orders.cql', file(partitionOrderStatements(KEYSPACE))],
  ]);
  for (const { definition, statements } of migrations) {
    if (!definition) continue;
    const queries = recordStatements(definition, KEYSPACE);
    const scan = statsScanStatements(definition, KEYSPACE);
    files.set(
      `${definition.name}.cql`,
      file({ ...numbered(statements), ...queries, statsAfterToken: scan.after, statsBetweenTokens: scan.between }),
    );
  }
  return files;
}

const numbered = (statements: readonly string[]): Record<string, string> =>
  Object.fromEntries(statements.map((statement, i) => [`schema ${i + 1}`, statement]));

const file = (statements: object): string =>
  Object.entries(statements as Record<string, string | undefined>)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, statement]) => `-- ${name}\n${statement};\n`)
    .join('\n');
