import { createHash } from 'node:crypto';
import type { StreamDefinition } from '@orderstream/streams';
import { identifier } from '../cql/identifiers.js';
import { schemaOf } from '../cql/record-schema.js';
import { JOBS_CQL } from './0001-jobs.cql.js';
import { IDEMPOTENCY_KEYS_CQL } from './0002-idempotency-keys.cql.js';
import { DEAD_LETTERS_CQL } from './0003-dead-letters.cql.js';
import { WORKERS_CQL } from './0004-workers.cql.js';
import { REJECTS_CQL } from './0005-rejects.cql.js';
import { JOB_STOPS_CQL } from './0006-job-stops.cql.js';
import { REJECT_READING_CQL } from './0007-reject-reading.cql.js';
import { PARTITION_ORDERS_CQL } from './0008-partition-orders.cql.js';
import { REDRIVES_CQL } from './0009-redrives.cql.js';
import { OVERRULES_CQL } from './0010-overrules.cql.js';
import { ROLLUPS_CQL } from './0011-rollups.cql.js';

export interface Migration {
  /** `0001-jobs`, or `stream:orders` for the table of a stream */
  readonly name: string;
  readonly statements: readonly string[];
  readonly checksum: string;
  /** the table of a stream may change with its definition; a numbered migration never does */
  readonly definition?: StreamDefinition;
}

const NUMBERED: ReadonlyArray<readonly [name: string, cql: string]> = [
  ['0001-jobs', JOBS_CQL],
  ['0002-idempotency-keys', IDEMPOTENCY_KEYS_CQL],
  ['0003-dead-letters', DEAD_LETTERS_CQL],
  ['0004-workers', WORKERS_CQL],
  ['0005-rejects', REJECTS_CQL],
  ['0006-job-stops', JOB_STOPS_CQL],
  ['0007-reject-reading', REJECT_READING_CQL],
  ['0008-partition-orders', PARTITION_ORDERS_CQL],
  ['0009-redrives', REDRIVES_CQL],
  ['0010-overrules', OVERRULES_CQL],
  ['0011-rollups', ROLLUPS_CQL],
];

/** All migrations in their order. Throws InvalidNameError or InvalidDefinitionError. */
export function migrationsOf(keyspace: string, streams: readonly StreamDefinition[]): Migration[] {
  return [
    ...NUMBERED.map(([name, cql]) => migration(name, statementsIn(cql, keyspace))),
    ...streams.map((definition) => ({
      ...migration(`stream:${definition.name}`, schemaOf(definition, keyspace)),
      definition,
    })),
  ];
}

function migration(name: string, statements: readonly string[]): Migration {
  const checksum = createHash('sha256').update(statements.join(';\n')).digest('hex');
  return { name, statements, checksum };
}

const statementsIn = (cql: string, keyspace: string): string[] =>
  cql
    .replaceAll('{keyspace}', identifier(keyspace))
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
