import type { FieldType, StreamDefinition } from '@orderstream/streams';
import { selectRecords } from '../cql/record-statements.js';
import { columnNames, columnsOf } from '../cql/record-table-shape.js';
import { ENCODERS } from '../values/encode.js';
import {
  hasOrderedIndex,
  isComparable,
  UnanswerableQuestion,
  type Comparison,
  type Filter,
  type PlannedQuestion,
  type Question,
  type QuestionFault,
  type Sort,
} from './question.js';

const SIGN: Readonly<Record<Comparison, string>> = { eq: '=', gt: '>', gte: '>=', lt: '<', lte: '<=' };

/** What of a question the key answers, and what is left for indexes. */
interface Division {
  readonly rest: readonly Filter[];
  /** the whole partition key is given */
  readonly inPartition: boolean;
  /** clustering columns that are given with `=` from the first on */
  readonly fixed: number;
}

/**
 * A question as one statement that reads no rows but those of its answer, or why this table has none such. It never
 * says ALLOW FILTERING. Throws UnbindableValueError for a value that is not of its column's type.
 */
export function planQuestion(
  definition: StreamDefinition,
  keyspace: string,
  question: Question,
): PlannedQuestion | UnanswerableQuestion {
  const typeByColumn = new Map(columnsOf(definition).map(({ name, type }) => [name, type]));
  const division = divide(definition, question.filters);
  const faults = [
    ...division.rest.flatMap((filter) => indexFaults(filter, definition, typeByColumn, division)),
    ...(question.sort ? sortFaults(question.sort, definition, division) : []),
  ];
  if (faults.length > 0) return new UnanswerableQuestion(faults);
  const cqlOf = columnNames(definition);
  const conditions = question.filters.map(({ column, is }) => `${cqlOf(column)} ${SIGN[is]} ?`);
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return {
    query: `${selectRecords(definition, keyspace)}${where}${orderBy(question.sort, cqlOf)}`,
    params: question.filters.map(({ column, value }) => ENCODERS[typeByColumn.get(column)!](value)),
  };
}

const orderBy = (sort: Sort | undefined, cqlOf: (name: string) => string): string =>
  sort ? ` ORDER BY ${cqlOf(sort.column)} ${sort.order.toUpperCase()}` : '';

/** The key answers for a whole partition, the clustering columns given with `=` from the first on, and a range on the next. */
function divide({ primaryKey }: StreamDefinition, filters: readonly Filter[]): Division {
  const given = new Set(filters.filter(({ is }) => is === 'eq').map(({ column }) => column));
  const inPartition = primaryKey.partition.every((column) => given.has(column));
  if (!inPartition) return { rest: filters, inPartition, fixed: 0 };
  const names = primaryKey.clustering.map(({ field }) => field);
  const firstOpen = names.findIndex((name) => !given.has(name));
  const fixed = firstOpen < 0 ? names.length : firstOpen;
  const answered = new Set([...primaryKey.partition, ...names.slice(0, fixed + 1)]);
  return { rest: filters.filter(({ column }) => !answered.has(column)), inPartition, fixed };
}

function indexFaults(
  { column, is }: Filter,
  definition: StreamDefinition,
  typeByColumn: ReadonlyMap<string, FieldType>,
  { inPartition }: Division,
): QuestionFault[] {
  const fault = (reason: string): QuestionFault[] => [{ part: 'filter', column, reason }];
  const type = typeByColumn.get(column);
  if (type === undefined) return fault(`${definition.name} has no column ${column}`);
  if (!isComparable(type)) return fault(`${column} is ${type}, which cannot be compared`);
  const { partition, clustering } = definition.primaryKey;
  if (definition.indexes.includes(column)) {
    if (is === 'eq' || hasOrderedIndex(type)) return [];
    return fault(`the index of ${column} (${type}) knows = only`);
  }
  if (partition.includes(column)) {
    const all = partition.map((name) => `${name}=`).join(', ');
    return fault(
      is === 'eq'
        ? `${column} is a part of the partition key: give all of ${all}`
        : `${column} is of the partition key, which is compared with = only`,
    );
  }
  const place = clustering.findIndex(({ field }) => field === column);
  if (place < 0) return fault(`${column} has no index`);
  const before = [...(inPartition ? [] : partition), ...clustering.slice(0, place).map(({ field }) => field)];
  return fault(`${column} stands in the primary key behind ${before.join(', ')}: give these with = as well`);
}

function sortFaults(
  sort: Sort,
  { primaryKey }: StreamDefinition,
  { rest, inPartition, fixed }: Division,
): QuestionFault[] {
  const { column } = sort;
  const fault = (reason: string): QuestionFault[] => [{ part: 'sort', column, reason }];
  const place = primaryKey.clustering.findIndex(({ field }) => field === column);
  if (place < 0) return fault(`rows are not kept in the order of ${column}`);
  const before = [...primaryKey.partition, ...primaryKey.clustering.slice(0, place).map(({ field }) => field)];
  if (!inPartition || fixed < place)
    return fault(`rows are in the order of ${column} only where ${before.join(', ')} are given with =`);
  const [first] = rest;
  return first ? fault(`rows that an index finds are in no order, and ${first.column} needs one`) : [];
}
