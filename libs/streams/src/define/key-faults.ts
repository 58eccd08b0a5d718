import type { Derivation, FieldDefinition, StreamDefinition } from '../definition.js';

interface Columns {
  readonly fieldByName: ReadonlyMap<string, FieldDefinition>;
  /** inputs of the derived fields */
  readonly inputsByDerived: ReadonlyMap<string, readonly string[]>;
}

const inputsOf = (from: Derivation): readonly string[] => {
  if ('list' in from) return [from.list];
  return typeof from.of === 'string' ? [from.of] : from.of;
};

/** Faults of the message key, the primary key, the indexes, the order id and what questions are asked by. */
export function keyFaults(definition: StreamDefinition): string[] {
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

function messageKeyFaults({ key }: StreamDefinition, { fieldByName }: Columns): string[] {
  const faults = duplicates(key.fields).map((name) => `key: "${name}" stands twice`);
  if (key.fields.length === 0) faults.push('key.fields must name at least one field');
  if (key.fields.length > 1 && key.separator === '')
    faults.push('key.separator must not be empty between several fields');
  for (const name of key.fields) {
    const field = fieldByName.get(name);
    if (!field) faults.push(`key: "${name}" is not a field (a derived one is not known yet when the key is made)`);
    else if (!field.required) faults.push(`key: field "${name}" must be required`);
    else if (field.type === 'list') faults.push(`key: "${name}" is a list, and no key`);
  }
  return faults;
}

function primaryKeyFaults({ primaryKey }: StreamDefinition, columns: Columns): string[] {
  const names = [...primaryKey.partition, ...primaryKey.clustering.map(({ field }) => field)];
  const faults = duplicates(names).map((name) => `primaryKey: "${name}" stands twice`);
  if (primaryKey.partition.length === 0) faults.push('primaryKey.partition must name at least one field');
  for (const { field, order } of primaryKey.clustering) {
    if (order !== 'asc' && order !== 'desc')
      faults.push(`primaryKey: order "${String(order)}" of "${field}" must be asc or desc`);
  }
  for (const name of names) {
    if (!isColumn(name, columns)) faults.push(`primaryKey: "${name}" is not a field`);
    else if (!isAlwaysSet(name, columns)) {
      faults.push(`primaryKey: "${name}" must be required, or derived from required fields only`);
    } else if (columns.fieldByName.get(name)?.type === 'list') {
      faults.push(`primaryKey: "${name}" is a list, and no key`);
    }
  }
  return faults;
}

function indexFaults({ indexes, primaryKey }: StreamDefinition, columns: Columns): string[] {
  const faults = duplicates(indexes).map((name) => `indexes: "${name}" stands twice`);
  for (const name of indexes) {
    if (!isColumn(name, columns)) faults.push(`indexes: "${name}" is not a field`);
    if (columns.fieldByName.get(name)?.type === 'list') faults.push(`indexes: "${name}" is a list, and no value of it`);
    if (primaryKey.partition.length === 1 && primaryKey.partition[0] === name) {
      faults.push(`indexes: "${name}" alone is the partition key already, and Cassandra refuses an index on it`);
    }
  }
  return faults;
}

function orderIdFaults({ orderId, indexes, primaryKey }: StreamDefinition, { fieldByName }: Columns): string[] {
  if (orderId === undefined) return [];
  const type = fieldByName.get(orderId)?.type;
  if (type === undefined) return [`orderId: "${orderId}" is not a field`];
  const canBeFound =
    indexes.includes(orderId) || (primaryKey.partition.length === 1 && primaryKey.partition[0] === orderId);
  return [
    ...(type === 'text' || type === 'uuid' ? [] : [`orderId: "${orderId}" must be text or uuid, not ${type}`]),
    ...(canBeFound
      ? []
      : [`orderId: "${orderId}" must be the partition key or have an index, or no order can be found`]),
  ];
}

function questionFaults({ orderId, order, eventTime, fields, derived }: StreamDefinition, columns: Columns): string[] {
  const type = [...fields, ...derived].find(({ name }) => name === eventTime)?.type;
  const named = Object.entries(order ?? {}).filter(([, name]) => !isColumn(name, columns));
  return [
    ...(eventTime === undefined || type === 'timestamp'
      ? []
      : [`eventTime: "${eventTime}" must be a field of the type timestamp`]),
    ...(order && orderId === undefined
      ? ['order: needs orderId, for only a stream with one is a stream of orders']
      : []),
    ...named.map(([part, name]) => `order.${part}: "${name}" is not a field`),
  ];
}

const isColumn = (name: string, { fieldByName, inputsByDerived }: Columns): boolean =>
  fieldByName.has(name) || inputsByDerived.has(name);

function isAlwaysSet(name: string, { fieldByName, inputsByDerived }: Columns): boolean {
  const inputs = inputsByDerived.get(name) ?? [name];
  return inputs.every((input) => fieldByName.get(input)?.required === true);
}

const duplicates = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name, index) => names.indexOf(name) !== index)),
];
