import type { Derivation, FieldDefinition, StreamDefinition } from '../definition.js';
import { faultAt, type Fault, type Path } from './fault.js';

interface Columns {
  readonly fieldByName: ReadonlyMap<string, FieldDefinition>;
  /** inputs of the derived fields */
  readonly inputsByDerived: ReadonlyMap<string, readonly string[]>;
}

const inputsOf = (from: Derivation): readonly string[] => {
  if ('list' in from) return [from.list];
  return typeof from.of === 'string' ? [from.of] : from.of;
};

/** What a field of several values is; undefined for all others. */
const nestedIn = (field: FieldDefinition | undefined): string | undefined =>
  field?.type === 'list' ? 'a list' : field?.type === 'json' ? 'JSON' : undefined;

/** Faults of the message key, the primary key, the indexes, the order id and what questions are asked by. */
export function keyFaults(definition: StreamDefinition): Fault[] {
  const columns: Columns = {
    fieldByName: new Map(definition.fields.map((field) => [field.name, field])),
    inputsByDerived: new Map(definition.derived.map(({ name, from }) => [name, inputsOf(from)])),
  };
  return [
    ...messageKeyFaults(definition, columns),
    ...primaryKeyFaults(definition, columns),
    ...indexFaults(definition, columns),
    ...orderIdFaults(definition, columns),
    ...questionFaults(definition, columns),
  ];
}

function messageKeyFaults({ key }: StreamDefinition, { fieldByName }: Columns): Fault[] {
  const faults = duplicates(key.fields, ['key', 'fields']);
  if (key.fields.length === 0) faults.push(faultAt(['key', 'fields'], 'must name at least one field'));
  if (key.fields.length > 1 && key.separator === '')
    faults.push(faultAt(['key', 'separator'], 'must not be empty between several fields'));
  key.fields.forEach((name, i) => {
    const field = fieldByName.get(name);
    const path = ['key', 'fields', i];
    if (!field)
      faults.push(faultAt(path, `"${name}" is not a field (a derived one is not known yet when the key is made)`));
    else if (!field.required) faults.push(faultAt(path, `field "${name}" must be required`));
    else if (nestedIn(field)) faults.push(faultAt(path, `"${name}" is ${nestedIn(field)}, and no key`));
  });
  return faults;
}

function primaryKeyFaults({ primaryKey }: StreamDefinition, columns: Columns): Fault[] {
  const { partition, clustering } = primaryKey;
  const named = [
    ...partition.map((name, i) => ({ name, path: ['primaryKey', 'partition', i] })),
    ...clustering.map(({ field: name }, i) => ({ name, path: ['primaryKey', 'clustering', i, 'field'] })),
  ];
  const faults: Fault[] = [];
  if (partition.length === 0) faults.push(faultAt(['primaryKey', 'partition'], 'must name at least one field'));
  clustering.forEach(({ order }, i) => {
    if (order !== 'asc' && order !== 'desc')
      faults.push(faultAt(['primaryKey', 'clustering', i, 'order'], `"${String(order)}" must be asc or desc`));
  });
  named.forEach(({ name, path }, i) => {
    if (named.findIndex((other) => other.name === name) < i) faults.push(faultAt(path, `"${name}" stands twice`));
    if (!isColumn(name, columns)) faults.push(faultAt(path, `"${name}" is not a field`));
    else if (!isAlwaysSet(name, columns)) {
      faults.push(faultAt(path, `"${name}" must be required, or derived from required fields only`));
    } else if (nestedIn(columns.fieldByName.get(name))) {
      faults.push(faultAt(path, `"${name}" is ${nestedIn(columns.fieldByName.get(name))}, and no key`));
    }
  });
  return faults;
}

/** The index that a table of ours has on a column. */
export const indexNameOf = (table: string, field: string): string => `${table}_${field}_idx`;

/** Cassandra's limit for names. */
const MAX_INDEX_NAME = 48;

function indexFaults({ indexes, primaryKey, table, managed }: StreamDefinition, columns: Columns): Fault[] {
  const faults = duplicates(indexes, ['indexes']);
  indexes.forEach((name, i) => {
    const path = ['indexes', i];
    if (!isColumn(name, columns)) faults.push(faultAt(path, `"${name}" is not a field`));
    if (nestedIn(columns.fieldByName.get(name)))
      faults.push(faultAt(path, `"${name}" is ${nestedIn(columns.fieldByName.get(name))}, and no single value`));
    const indexName = indexNameOf(table, name);
    if (managed !== false && indexName.length > MAX_INDEX_NAME)
      faults.push(faultAt(path, `its index would be ${indexName}, longer than ${MAX_INDEX_NAME} characters`));
    if (primaryKey.partition.length === 1 && primaryKey.partition[0] === name) {
      faults.push(faultAt(path, `"${name}" alone is the partition key already, and Cassandra refuses an index on it`));
    }
  });
  return faults;
}

function orderIdFaults({ orderId, indexes, primaryKey }: StreamDefinition, { fieldByName }: Columns): Fault[] {
  if (orderId === undefined) return [];
  const type = fieldByName.get(orderId)?.type;
  if (type === undefined) return [faultAt(['orderId'], `"${orderId}" is not a field`)];
  const canBeFound =
    indexes.includes(orderId) || (primaryKey.partition.length === 1 && primaryKey.partition[0] === orderId);
  const faults = [
    ...(type === 'text' || type === 'uuid' ? [] : [`"${orderId}" must be text or uuid, not ${type}`]),
    ...(canBeFound ? [] : [`"${orderId}" must be the partition key or have an index, or no order can be found`]),
  ];
  return faults.map((text) => faultAt(['orderId'], text));
}

function questionFaults({ orderId, order, eventTime, fields, derived }: StreamDefinition, columns: Columns): Fault[] {
  const type = [...fields, ...derived].find(({ name }) => name === eventTime)?.type;
  const named = Object.entries(order ?? {}).filter(([, name]) => !isColumn(name, columns));
  return [
    ...(eventTime === undefined || type === 'timestamp'
      ? []
      : [faultAt(['eventTime'], `"${eventTime}" must be a field of the type timestamp`)]),
    ...(order && orderId === undefined
      ? [faultAt(['order'], 'needs orderId, for only a stream with one is a stream of orders')]
      : []),
    ...named.map(([part, name]) => faultAt(['order', part], `"${name}" is not a field`)),
  ];
}

const isColumn = (name: string, { fieldByName, inputsByDerived }: Columns): boolean =>
  fieldByName.has(name) || inputsByDerived.has(name);

function isAlwaysSet(name: string, { fieldByName, inputsByDerived }: Columns): boolean {
  const inputs = inputsByDerived.get(name) ?? [name];
  return inputs.every((input) => fieldByName.get(input)?.required === true);
}

const duplicates = (names: readonly string[], path: Path): Fault[] =>
  names.flatMap((name, i) => (names.indexOf(name) < i ? [faultAt([...path, i], `"${name}" stands twice`)] : []));
