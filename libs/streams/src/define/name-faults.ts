import type { StreamDefinition } from '../definition.js';
import { normaliseName } from '../read/header.js';
import { pathFaults } from './path-faults.js';

/** Columns that every table has: lineage of the last writer of the row. */
export const LINEAGE_COLUMNS: readonly string[] = ['kafka_partition', 'kafka_offset', 'job_id', 'job_row'];

const KEBAB_CASE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
export const SNAKE_CASE = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const TOPIC = /^[A-Za-z0-9._-]{1,200}$/;
/** Cassandra's limit for the names of tables. */
const MAX_TABLE_NAME = 48;

/** Faults of the names of the stream, its topic, table, columns and header aliases. */
export function nameFaults(definition: StreamDefinition): string[] {
  const { name, topic, derivedTopic, table, partitions } = definition;
  const faults: string[] = [];
  if (!KEBAB_CASE.test(name)) faults.push(`name "${name}" must be kebab-case: small letters, digits and single dashes`);
  faults.push(...topicFaults('topic', topic));
  if (derivedTopic !== undefined) faults.push(...topicFaults('derivedTopic', derivedTopic));
  if (derivedTopic === topic) faults.push(`derivedTopic "${topic}" must be another topic than the one that is read`);
  if (!SNAKE_CASE.test(table) || table.length > MAX_TABLE_NAME) {
    faults.push(`table "${table}" must be snake_case and at most ${MAX_TABLE_NAME} characters`);
  }
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > 10_000) {
    faults.push(`partitions is ${partitions}, but must be a whole number from 1 to 10000`);
  }
  return [...faults, ...columnNameFaults(definition), ...aliasFaults(definition), ...pathFaults(definition)];
}

function topicFaults(property: string, topic: string): string[] {
  const faults: string[] = [];
  if (!TOPIC.test(topic) || /^\.+$/.test(topic)) {
    faults.push(
      `${property} "${topic}" must be 1 to 200 letters, digits, dots, underscores and dashes, and not only dots`,
    );
  }
  if (topic.endsWith('.dead-letters'))
    faults.push(`${property} "${topic}" must not end in .dead-letters, which is for dead letters`);
  return faults;
}

function columnNameFaults({ fields, derived }: StreamDefinition): string[] {
  const faults: string[] = [];
  const seen = new Set<string>();
  if (fields.length === 0) faults.push('fields must have at least one field');
  for (const { name } of [...fields, ...derived]) {
    if (!SNAKE_CASE.test(name))
      faults.push(`field "${name}" must be snake_case: small letters, digits and single underscores`);
    if (LINEAGE_COLUMNS.includes(name)) faults.push(`field "${name}" has a name that every table uses for its lineage`);
    if (seen.has(name)) faults.push(`field "${name}" is defined twice`);
    seen.add(name);
  }
  return faults;
}

function aliasFaults({ fields, derived }: StreamDefinition): string[] {
  const faults: string[] = [];
  const ownerByName = new Map([...fields, ...derived].map(({ name }) => [name, name]));
  for (const { name, csv = [] } of fields) {
    for (const alias of csv) {
      const normalised = normaliseName(alias);
      const owner = ownerByName.get(normalised);
      if (normalised === '') faults.push(`field "${name}": a header name in csv is blank`);
      else if (owner !== undefined)
        faults.push(`field "${name}": header name "${alias}" already means field "${owner}"`);
      ownerByName.set(normalised, name);
    }
  }
  return faults;
}
