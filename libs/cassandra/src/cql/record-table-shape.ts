import {
  cqlTypeText,
  parseCqlType,
  sureFieldOf,
  type CqlType,
  type FieldType,
  type StreamDefinition,
} from '@orderstream/streams';
import { columnIdentifier, identifier } from './identifiers.js';
import { InvalidDefinitionError } from './invalid-definition.js';

export interface ColumnShape {
  /** of the field */
  readonly name: string;
  /** in the table */
  readonly column: string;
  readonly type: FieldType;
  /** of the type json */
  readonly cql?: CqlType;
  readonly role: 'partition' | 'clustering' | 'regular';
}

/** Field types have CQL's own names; a list is kept as its JSON. */
export const cqlTypeOf = ({ type, cql }: Pick<ColumnShape, 'type' | 'cql'>): string =>
  cql ? cqlTypeText(cql) : type === 'list' ? 'text' : type;

/** Columns of the last writer of a row, in every table, in this order after the stream's own. */
export const LINEAGE_COLUMNS: ReadonlyArray<{ readonly name: string; readonly type: FieldType }> = [
  { name: 'kafka_partition', type: 'int' },
  { name: 'kafka_offset', type: 'bigint' },
  { name: 'job_id', type: 'uuid' },
  { name: 'job_row', type: 'int' },
];

/** Those that the table of a stream has. */
export const lineageOf = ({ lineage }: StreamDefinition): typeof LINEAGE_COLUMNS =>
  lineage === false ? [] : LINEAGE_COLUMNS;

/** Where a row says that its record lies. */
export const placeColumns = (definition: StreamDefinition): string[] =>
  lineageOf(definition)
    .slice(0, 2)
    .map(({ name }) => name);

/** The write time of a row is that of a cell which every record writes. */
export function rowWriteTime(definition: StreamDefinition): string {
  const [place] = placeColumns(definition);
  return `WRITETIME(${place ?? columnNames(definition)(sureFieldOf(definition)!.name)})`;
}

/** The stream's columns in the order of its rows: fields, then derived fields. Throws InvalidDefinitionError. */
export function columnsOf(definition: StreamDefinition): ColumnShape[] {
  const { partition, clustering } = definition.primaryKey;
  const clusteringNames = new Set(clustering.map(({ field }) => field));
  const columns = [...definition.fields, ...definition.derived].map((field): ColumnShape => {
    const { name, column = name, type } = field;
    const cql = 'cql' in field && field.cql !== undefined ? { cql: parseCqlType(field.cql, definition.types) } : {};
    if (partition.includes(name)) return { name, column, type, ...cql, role: 'partition' };
    return { name, column, type, ...cql, role: clusteringNames.has(name) ? 'clustering' : 'regular' };
  });
  checkNames(definition, columns);
  return columns;
}

/** What the column of a field is called in CQL; lineage columns are called as they are. */
export function columnNames({ fields, derived }: StreamDefinition): (name: string) => string {
  const columnByName = new Map([...fields, ...derived].map(({ name, column = name }) => [name, column]));
  return (name) => columnIdentifier(columnByName.get(name) ?? name);
}

/** The column of a field as it is selected: rows that are read have the names of the fields. */
export function selectedNames(definition: StreamDefinition): (name: string) => string {
  const cqlOf = columnNames(definition);
  return (name) => (cqlOf(name) === identifier(name) ? cqlOf(name) : `${cqlOf(name)} AS ${identifier(name)}`);
}

/** The write time of a cell, by the name of its field; of the newest one where a column has several. */
export function cellTimes(definition: StreamDefinition): (name: string) => string {
  const cqlOf = columnNames(definition);
  const nested = new Set(definition.fields.filter(({ cql }) => cql !== undefined).map(({ name }) => name));
  return (name) => `${nested.has(name) ? 'MAXWRITETIME' : 'WRITETIME'}(${cqlOf(name)})`;
}

/** Columns outside the primary key in the order of its rows, then the lineage: each is a cell with a write time. */
export const cellsOf = (definition: StreamDefinition): string[] => [
  ...columnsOf(definition)
    .filter(({ role }) => role === 'regular')
    .map(({ name }) => name),
  ...lineageOf(definition).map(({ name }) => name),
];

/** Names of the primary key, partition columns first. */
export const primaryKeyOf = ({ primaryKey }: StreamDefinition): string[] => [
  ...primaryKey.partition,
  ...primaryKey.clustering.map(({ field }) => field),
];

function checkNames(definition: StreamDefinition, columns: readonly ColumnShape[]): void {
  const names = new Set(columns.map(({ name }) => name));
  if (names.size !== columns.length) throw new InvalidDefinitionError(definition.name, 'two columns have one name');
  const taken = LINEAGE_COLUMNS.find(({ name }) => names.has(name));
  if (taken) throw new InvalidDefinitionError(definition.name, `the column ${taken.name} is kept for lineage`);
  const key = primaryKeyOf(definition);
  const wanted = [...key, ...definition.indexes, ...(definition.orderId === undefined ? [] : [definition.orderId])];
  const absent = wanted.find((name) => !names.has(name));
  if (absent !== undefined) throw new InvalidDefinitionError(definition.name, `there is no field ${absent}`);
  if (key.length === definition.primaryKey.clustering.length) {
    throw new InvalidDefinitionError(definition.name, 'the primary key has no partition column');
  }
}
