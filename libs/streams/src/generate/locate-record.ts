import type { StreamDefinition } from '../definition.js';
import { hexOf, indexOfHex } from './dice.js';
import { isDistinct } from './key-limit.js';

/** What a run id ends in: a whole number as `String` writes it. */
const INDEX = /^(?:0|[1-9]\d{0,15})$/;

/**
 * Reads the index of a record back from the generated id in its primary key; undefined for a row of another run, and on
 * streams whose primary key holds no generated id. Ids in hexadecimal are read back up to index 2^32 − 1.
 */
export function recordLocator(
  { fields, primaryKey, orderId }: StreamDefinition,
  runKey: string,
  saltOfField: (name: string) => Int32Array,
): (record: Readonly<Record<string, unknown>>) => number | undefined {
  const keys = new Set([...primaryKey.partition, ...primaryKey.clustering.map(({ field }) => field)]);
  const ids = fields.filter((field) => keys.has(field.name) && isDistinct(field));
  const id = ids.find(({ name }) => name === orderId) ?? ids[0];
  if (!id?.fake) return () => undefined;
  const { name, fake } = id;
  if (fake.kind === 'runId') return (record) => indexOfRunId(record[name], `${runKey}-`);
  const length = fake.kind === 'hex' ? fake.length : 0;
  const salt = saltOfField(name);
  return (record) => {
    const text = record[name];
    if (typeof text !== 'string' || text.length !== length) return undefined;
    const index = indexOfHex(salt, text);
    return index !== undefined && hexOf(salt, index, length) === text ? index : undefined;
  };
}

function indexOfRunId(text: unknown, prefix: string): number | undefined {
  if (typeof text !== 'string' || !text.startsWith(prefix)) return undefined;
  const rest = text.slice(prefix.length);
  return INDEX.test(rest) ? Number(rest) : undefined;
}
