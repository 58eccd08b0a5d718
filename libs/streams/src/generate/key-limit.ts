import type { FakeSpec, FieldDefinition, StreamDefinition } from '../definition.js';

/** From this length on, hexadecimal ids of a run are distinct. */
const DISTINCT_HEX = 16;
/** Ids are thrown among at most this many. */
const MOST_IDS = 1_000_000_000;

export interface KeyLimit {
  readonly field: string;
  readonly fake: FakeSpec;
}

/**
 * How `keys` bounds the distinct values of a stream: the first field of its message key or partition key that is not
 * what tells its records apart. `orders`: the first so many categories; `olist-orders`: so many customers. Throws
 * RangeError where there is no such field, or not so many values.
 */
export function keyLimit(definition: StreamDefinition, keys: number): KeyLimit {
  const field = limitedField(definition);
  if (!field?.fake) {
    throw new RangeError(`keys: every record of stream ${definition.name} has a key of its own; leave keys out`);
  }
  const { fake } = field;
  const most = fake.kind === 'oneOf' ? fake.values.length : MOST_IDS;
  if (!Number.isSafeInteger(keys) || keys < 1 || keys > most) {
    throw new RangeError(`keys: ${definition.name} has 1 to ${most} values of ${field.name}, got ${keys}`);
  }
  if (isOfMany(fake)) return { field: field.name, fake: { ...fake, distinct: keys } };
  return { field: field.name, fake: firstOf(fake as OneOf, keys) };
}

type OneOf = Extract<FakeSpec, { kind: 'oneOf' }>;

const firstOf = ({ kind, values, weights }: OneOf, count: number): OneOf => ({
  kind,
  values: values.slice(0, count),
  ...(weights && { weights: weights.slice(0, count) }),
});

/** Fakes that can be told how many distinct values they make. */
const isOfMany = (fake: FakeSpec): fake is Extract<FakeSpec, { readonly distinct?: number }> =>
  fake.kind === 'hex' || fake.kind === 'digits' || (fake.kind === 'runId' && fake.distinct !== undefined);

function limitedField({ fields, key, primaryKey, orderId }: StreamDefinition): FieldDefinition | undefined {
  const primary = [...primaryKey.partition, ...primaryKey.clustering.map(({ field }) => field)];
  // Derived columns follow their inputs.
  const named = (name: string) => fields.filter((field) => field.name === name);
  const unique = primary.flatMap(named).filter(tellsApart);
  return [...key.fields, ...primaryKey.partition].flatMap(named).find(({ name, fake }) => {
    if (name === orderId) return false;
    if (fake?.kind === 'oneOf') return true;
    // Records of one value must still be told apart by another field.
    return (
      fake !== undefined && isOfMany(fake) && (!primary.includes(name) || unique.some((other) => other.name !== name))
    );
  });
}

/** Turns do, as long as there are not too many records in a millisecond; see `checkTurns`. */
const tellsApart = (field: FieldDefinition): boolean => isDistinct(field) || field.fake?.kind === 'turn';

export const isDistinct = ({ fake }: FieldDefinition): boolean => {
  if (fake?.kind === 'runId') return fake.distinct === undefined;
  return fake?.kind === 'uuid' || (fake?.kind === 'hex' && fake.length >= DISTINCT_HEX && fake.distinct === undefined);
};
