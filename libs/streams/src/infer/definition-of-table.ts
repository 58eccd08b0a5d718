import type { FieldDefinition, ScalarType, StreamInput } from '../definition.js';
import { defineStream } from '../define/define-stream.js';
import { LINEAGE_COLUMNS } from '../define/name-faults.js';
import { CqlTypeError, parseCqlType, userTypesIn, type CqlType, type UserTypes } from '../cql/cql-type.js';
import { InferenceError, namesOf, type Inferred } from './infer-definition.js';

export interface TableName {
  readonly keyspace: string;
  readonly table: string;
}

/** A row of `system_schema.columns`. */
export interface TableColumn {
  readonly name: string;
  /** CQL type */
  readonly type: string;
  readonly kind: 'partition_key' | 'clustering' | 'regular' | 'static';
  /** of the key columns of its kind, from 0 */
  readonly position: number;
  /** `none` where it is no clustering column */
  readonly order: 'asc' | 'desc' | 'none';
}

const FIELD_TYPE: Readonly<Record<string, ScalarType>> = {
  bigint: 'bigint',
  boolean: 'boolean',
  date: 'date',
  decimal: 'decimal',
  int: 'int',
  text: 'text',
  timestamp: 'timestamp',
  uuid: 'uuid',
  varchar: 'text',
};

/**
 * A first definition of a stream for a table that is there. Columns of types that no field has are left out and named in
 * `notes`. Throws an InferenceError where there is no such table, or a key column is of such a type.
 */
export function definitionOfTable(
  { keyspace, table }: TableName,
  columns: readonly TableColumn[],
  name: string,
  userTypes: UserTypes = {},
): Inferred {
  const hasLineage = LINEAGE_COLUMNS.every((lineage) => columns.some((column) => column.name === lineage));
  const own = columns.filter((column) => !LINEAGE_COLUMNS.includes(column.name)).sort(byPlace);
  if (own.length === 0) throw new InferenceError(`there is no table ${keyspace}.${table}`);
  const isKnown = (column: TableColumn): boolean => hasFieldType(column) || nestedType(column, userTypes) !== undefined;
  const [known, left] = [own.filter(isKnown), own.filter((column) => !isKnown(column))];
  const key = left.find(({ kind }) => kind === 'partition_key' || kind === 'clustering');
  if (key) throw new InferenceError(`key column ${key.name} is of type ${key.type}, which no field of a stream has`);
  const names = namesOf(known.map((column) => column.name));
  const nameOf = (column: TableColumn): string => names[known.indexOf(column)]!;
  const keysOf = (kind: TableColumn['kind']): TableColumn[] => known.filter((column) => column.kind === kind);
  const partition = keysOf('partition_key').map(nameOf);
  const sure = hasLineage ? undefined : keysOf('regular').find(hasFieldType);
  const types = typesOf(known, userTypes);
  if (!hasLineage && !sure) throw new InferenceError(`${table} has a key and nothing else, and no lineage columns`);
  const definition: StreamInput = {
    name,
    description: `Rows of table ${table}.`,
    managed: false,
    keyspace,
    table,
    ...(!hasLineage && { lineage: false }),
    ...(types && { types }),
    key: { fields: partition, separator: '_' },
    primaryKey: {
      partition,
      clustering: keysOf('clustering').map((column) => ({
        field: nameOf(column),
        order: column.order === 'desc' ? 'desc' : 'asc',
      })),
    },
    fields: known.map((column) => fieldOf(column, nameOf(column), column === sure)),
  };
  defineStream(definition); // what is wrong with it is wrong here
  const notes = [
    `nothing is made for a table that is not managed: topic ${name} has to be there, or name another one`,
    ...(sure
      ? [`${nameOf(sure)} is required, so that each row has a write time: name another column if it may be blank`]
      : []),
  ];
  return { definition, notes: [...notes, ...notesOf(left)] };
}

function fieldOf({ name: column, type, kind }: TableColumn, name: string, isSure: boolean): FieldDefinition {
  return {
    name,
    ...(Object.hasOwn(FIELD_TYPE, type) ? { type: FIELD_TYPE[type]! } : { type: 'json', cql: type }),
    ...((kind === 'partition_key' || kind === 'clustering' || isSure) && { required: true }),
    ...(column !== name && { column }),
  };
}

const hasFieldType = ({ type, kind }: TableColumn): boolean => Object.hasOwn(FIELD_TYPE, type) && kind !== 'static';

/** The collection or the user-defined type of a column to which JSON can be bound; undefined for all others. */
function nestedType({ type, kind }: TableColumn, userTypes: UserTypes): CqlType | undefined {
  if (kind !== 'regular') return undefined;
  try {
    const parsed = parseCqlType(type, userTypes);
    const isBound = parsed.kind !== 'scalar' && (parsed.frozen || parsed.kind !== 'list'); // see cqlFaults
    return isBound ? parsed : undefined;
  } catch (error) {
    if (error instanceof CqlTypeError) return undefined;
    throw error;
  }
}

/** Those that the columns need. */
function typesOf(columns: readonly TableColumn[], userTypes: UserTypes): UserTypes | undefined {
  const nested = columns.flatMap((column) => nestedType(column, userTypes) ?? []);
  const names = nested.flatMap((type) => [...userTypesIn(type).keys()]);
  return names.length > 0 ? Object.fromEntries(names.map((name) => [name, userTypes[name]!])) : undefined;
}

const PLACE: Readonly<Record<TableColumn['kind'], number>> = { partition_key: 0, clustering: 1, static: 2, regular: 3 };

const byPlace = (a: TableColumn, b: TableColumn): number =>
  PLACE[a.kind] - PLACE[b.kind] || a.position - b.position || (a.name < b.name ? -1 : 1);

const notesOf = (left: readonly TableColumn[]): string[] =>
  left.map(({ name, type, kind }) =>
    kind === 'static'
      ? `column ${name} is left out: it is static`
      : `column ${name} is left out: no field has the type ${type}`,
  );
