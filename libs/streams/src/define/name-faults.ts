import type { StreamDefinition } from '../definition.js';
import { normaliseName } from '../read/header.js';
import { faultAt, type Fault } from './fault.js';
import { pathFaults } from './path-faults.js';

/** Columns that every table has: lineage of the last writer of the row. */
export const LINEAGE_COLUMNS: readonly string[] = ['kafka_partition', 'kafka_offset', 'job_id', 'job_row'];

/** Names that answers of every table have beside the fields. */
export const TAKEN: readonly string[] = [...LINEAGE_COLUMNS, 'write_time'];

/** Tables of our own in the same keyspace. A test holds them against the migrations. */
export const OWN_TABLES: readonly string[] = [
  'dead_letters',
  'idempotency_keys',
  'job_days',
  'job_leases',
  'job_stops',
  'jobs',
  'jobs_by_day',
  'overrules',
  'partition_orders',
  'recounts',
  'redrive_last',
  'redrive_letters',
  'reject_buckets',
  'rejects',
  'rollups',
  'run_latencies',
  'schema_migrations',
  'workers',
];

const KEBAB_CASE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
export const SNAKE_CASE = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
/** Capital letters are kept in quotes: tables of others have them. */
const COLUMN = /^[A-Za-z][A-Za-z0-9_]{0,47}$/;
const TOPIC = /^[A-Za-z0-9._-]{1,200}$/;
/** Cassandra's limit for the names of tables. */
const MAX_TABLE_NAME = 48;

/** Faults of the names of the stream, its topic, table, columns and header aliases. */
export function nameFaults(definition: StreamDefinition): Fault[] {
  const { name, topic, derivedTopic, partitions } = definition;
  const faults: Fault[] = [];
  if (!KEBAB_CASE.test(name))
    faults.push(faultAt(['name'], `"${name}" must be kebab-case: small letters, digits and single dashes`));
  faults.push(...topicFaults('topic', topic));
  if (derivedTopic !== undefined) faults.push(...topicFaults('derivedTopic', derivedTopic));
  if (derivedTopic === topic)
    faults.push(faultAt(['derivedTopic'], `"${topic}" must be another topic than the one that is read`));
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > 10_000) {
    faults.push(faultAt(['partitions'], `is ${partitions}, but must be a whole number from 1 to 10000`));
  }
  return [
    ...faults,
    ...tableFaults(definition),
    ...fieldNameFaults(definition),
    ...columnNameFaults(definition),
    ...aliasFaults(definition),
    ...pathFaults(definition),
  ];
}

function topicFaults(property: string, topic: string): Fault[] {
  const faults: string[] = [];
  if (!TOPIC.test(topic) || /^\.+$/.test(topic)) {
    faults.push(`"${topic}" must be 1 to 200 letters, digits, dots, underscores and dashes, and not only dots`);
  }
  if (topic.endsWith('.dead-letters'))
    faults.push(`"${topic}" must not end in .dead-letters, which is for dead letters`);
  return faults.map((text) => faultAt([property], text));
}

function tableFaults({ table, keyspace }: StreamDefinition): Fault[] {
  if (!SNAKE_CASE.test(table) || table.length > MAX_TABLE_NAME)
    return [faultAt(['table'], `"${table}" must be snake_case and at most ${MAX_TABLE_NAME} characters`)];
  return keyspace === undefined && OWN_TABLES.includes(table)
    ? [faultAt(['table'], `"${table}" is a table that orderstream keeps for itself; give yours another name`)]
    : [];
}

function fieldNameFaults({ fields, derived }: StreamDefinition): Fault[] {
  const faults: Fault[] = fields.length === 0 ? [faultAt(['fields'], 'must have at least one field')] : [];
  const seen = new Set<string>();
  const named = [
    ...fields.map(({ name }, i) => ({ name, path: ['fields', i, 'name'] })),
    ...derived.map(({ name }, i) => ({ name, path: ['derived', i, 'name'] })),
  ];
  for (const { name, path } of named) {
    if (!SNAKE_CASE.test(name))
      faults.push(faultAt(path, `"${name}" must be snake_case: small letters, digits and single underscores`));
    if (TAKEN.includes(name)) faults.push(faultAt(path, `"${name}" is a name that every table uses for its lineage`));
    if (seen.has(name)) faults.push(faultAt(path, `"${name}" is defined twice`));
    seen.add(name);
  }
  return faults;
}

/** A column may be called as another field, as long as that has a column of another name. */
function columnNameFaults({ fields, derived }: StreamDefinition): Fault[] {
  const columns = [
    ...fields.map(({ name, column }, i) => ({ name, column, path: ['fields', i] })),
    ...derived.map(({ name, column }, i) => ({ name, column, path: ['derived', i] })),
  ];
  const ownerByColumn = new Map<string, string>();
  return columns.flatMap(({ name, column: given, path }) => {
    const column = given ?? name;
    const place = [...path, given === undefined ? 'name' : 'column'];
    const owner = ownerByColumn.get(column) ?? name;
    ownerByColumn.set(column, name);
    return [
      ...(COLUMN.test(column)
        ? []
        : [
            faultAt(
              place,
              `"${column}" must be a letter and up to 47 letters, digits and underscores to name a column`,
            ),
          ]),
      ...(column !== name && LINEAGE_COLUMNS.includes(column)
        ? [faultAt(place, `"${column}" is a name that every table uses for its lineage`)]
        : []),
      ...(owner === name ? [] : [faultAt(place, `"${column}" is the column of field "${owner}" already`)]),
    ];
  });
}

function aliasFaults({ fields, derived }: StreamDefinition): Fault[] {
  const faults: Fault[] = [];
  const ownerByName = new Map([...fields, ...derived].map(({ name }) => [name, name]));
  fields.forEach(({ name, csv = [] }, i) =>
    csv.forEach((alias, j) => {
      const path = ['fields', i, 'csv', j];
      const normalised = normaliseName(alias);
      const owner = ownerByName.get(normalised);
      if (normalised === '') faults.push(faultAt(path, 'a header name is blank'));
      else if (owner !== undefined) faults.push(faultAt(path, `header name "${alias}" already means field "${owner}"`));
      ownerByName.set(normalised, name);
    }),
  );
  // Names of JSON are matched letter for letter, but a record is recognised by them as a header is.
  fields.forEach(({ name, json = [] }, i) =>
    json.forEach((alias, j) => {
      const owner = ownerByName.get(normaliseName(alias)) ?? name;
      const path = ['fields', i, 'json', j];
      if (alias === '') faults.push(faultAt(path, 'a name is empty'));
      if (owner !== name) faults.push(faultAt(path, `"${alias}" already means field "${owner}"`));
      ownerByName.set(normaliseName(alias), name);
    }),
  );
  return faults;
}
