import type { StreamDefinition } from '@orderstream/streams';
import { type ColumnShape, columnsOf, cqlTypeOf, lineageOf } from '../cql/record-table-shape.js';

/** A column as `system_schema.columns` has it. */
export interface ActualColumn {
  readonly type: string;
  /** `partition_key`, `clustering`, `regular` or `static` */
  readonly kind: string;
  /** place among the columns of its kind in the key; -1 outside it */
  readonly position: number;
  /** `asc` or `desc` of a clustering column, else `none` */
  readonly clusteringOrder: string;
}

export interface TableDifference {
  /** columns of fields that are not required: a table can be given them, and its rows have them unset */
  readonly addable: readonly ColumnShape[];
  /** what nothing can be done about, in words */
  readonly faults: readonly string[];
}

const KIND = { partition: 'partition_key', clustering: 'clustering', regular: 'regular' } as const;
const WORD: Readonly<Record<string, string>> = {
  partition_key: 'in the partition key',
  clustering: 'a clustering column',
  regular: 'outside the primary key',
  static: 'static',
};

/** What a table lacks of the definition of its stream. Surplus columns are left alone, unless they are in its key. */
export function compareTable(definition: StreamDefinition, actual: ReadonlyMap<string, ActualColumn>): TableDifference {
  const columns = columnsOf(definition);
  const required = new Set(definition.fields.filter((field) => field.required === true).map(({ name }) => name));
  const absent = columns.filter(({ column }) => !actual.has(column));
  const isAddable = ({ name, role }: ColumnShape): boolean => role === 'regular' && !required.has(name);
  return {
    addable: absent.filter(isAddable),
    faults: [
      ...columns.flatMap((column) => columnFaults(column, actual.get(column.column))),
      ...absent.filter((column) => !isAddable(column)).map(absenceFault),
      ...lineageOf(definition).flatMap(({ name, type }) => lineageFaults(name, type, actual.get(name))),
      ...keyFaults(definition, actual),
    ],
  };
}

function columnFaults(column: ColumnShape, found: ActualColumn | undefined): string[] {
  if (!found) return [];
  const { column: name, role } = column;
  const type = cqlTypeOf(column);
  if (found.type !== type) return [`the column ${name} is ${found.type} in the table and ${type} in the definition`];
  if (found.kind === KIND[role]) return [];
  return [
    `the column ${name} is ${WORD[found.kind] ?? found.kind} in the table and ${WORD[KIND[role]]} in the definition`,
  ];
}

const absenceFault = (column: ColumnShape): string =>
  column.role === 'regular'
    ? `the column ${column.column} (${cqlTypeOf(column)}) is missing, and its field is required: the rows that are there have no value for it`
    : `the column ${column.column} (${cqlTypeOf(column)}) is missing, and a primary key cannot be added to`;

function lineageFaults(name: string, type: string, found: ActualColumn | undefined): string[] {
  if (!found) return [`the column ${name} (${type}) is missing, which every table of orderstream has`];
  return found.type === type ? [] : [`the column ${name} is ${found.type} instead of ${type}`];
}

/** A key that lost a column, or whose columns stand in another order, names other rows. */
function keyFaults(definition: StreamDefinition, actual: ReadonlyMap<string, ActualColumn>): string[] {
  const columns = columnsOf(definition);
  const columnByName = new Map(columns.map(({ name, column }) => [name, column]));
  const partition = definition.primaryKey.partition.map((name) => columnByName.get(name)!);
  const clustering = definition.primaryKey.clustering.map(({ field, order }) => ({
    field: columnByName.get(field)!,
    order,
  }));
  const defined = new Set(columns.map(({ column }) => column));
  const lost = [...actual]
    .filter(([name, { kind }]) => (kind === 'partition_key' || kind === 'clustering') && !defined.has(name))
    .map(([name]) => `the column ${name} is in the primary key of the table, and no field of the definition`);
  const moved = [partition, clustering.map(({ field }) => field)].flatMap((names) =>
    names.filter((name, position) => hasMoved(actual.get(name), position)).map(moveFault),
  );
  const turned = clustering.flatMap(({ field, order }) => turnFaults(field, order, actual.get(field)));
  return lost.length > 0 ? lost : [...moved, ...turned];
}

const hasMoved = (found: ActualColumn | undefined, position: number): boolean =>
  found !== undefined && found.position >= 0 && found.position !== position;

const moveFault = (name: string): string =>
  `the column ${name} stands at another place in the primary key of the table than in the definition`;

const turnFaults = (name: string, order: string, found: ActualColumn | undefined): string[] =>
  found?.kind === 'clustering' && found.clusteringOrder !== order
    ? [
        `the rows of a partition are in ${found.clusteringOrder} order of ${name} in the table and ${order} in the definition`,
      ]
    : [];
