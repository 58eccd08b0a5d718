import type { FieldType, StreamDefinition } from '@orderstream/streams';
import { columnsOf } from '../cql/record-table-shape.js';
import { hasOrderedIndex } from './question.js';

/** One way to ask a table that it can answer. */
export interface AnswerableFilter {
  readonly column: string;
  readonly type: FieldType;
  /** true: also `>`, `>=`, `<`, `<=` */
  readonly ranges: boolean;
  /** columns that must be given beside it, with `=` each; empty: it can be asked alone */
  readonly with: readonly string[];
}

/**
 * What the table of a stream can be asked without reading rows that are not in the answer. Each can be asked alone with
 * what stands beside it, and all of them together; a range on a clustering column ends what follows it in the key.
 */
export function answerableFilters(definition: StreamDefinition): AnswerableFilter[] {
  const typeByColumn = new Map(columnsOf(definition).map(({ name, type }) => [name, type]));
  const { partition, clustering } = definition.primaryKey;
  const indexed = new Set(definition.indexes);
  const inKey: AnswerableFilter[] = partition.map((column) => {
    const alone = partition.length === 1 || indexed.has(column);
    const type = typeByColumn.get(column)!;
    const others = partition.filter((other) => other !== column);
    return { column, type, ranges: indexed.has(column) && hasOrderedIndex(type), with: alone ? [] : others };
  });
  const before = [...partition];
  for (const { field: column } of clustering) {
    const type = typeByColumn.get(column)!;
    // Behind its predecessors it needs no index; an index that keeps no order makes ranges no easier without them.
    const alone = indexed.has(column) && hasOrderedIndex(type);
    inKey.push({ column, type, ranges: true, with: alone ? [] : [...before] });
    if (indexed.has(column) && !alone) inKey.push({ column, type, ranges: false, with: [] });
    before.push(column);
  }
  const named = new Set(inKey.map(({ column }) => column));
  const byIndex = definition.indexes
    .filter((column) => !named.has(column))
    .map((column): AnswerableFilter => {
      const type = typeByColumn.get(column)!;
      return { column, type, ranges: hasOrderedIndex(type), with: [] };
    });
  return [...inKey, ...byIndex];
}

/** A column by which rows can be sorted, in both directions. */
export interface AnswerableSort {
  readonly column: string;
  /** columns that must be given with `=`; no index may be needed for any filter then */
  readonly with: readonly string[];
}

export function answerableSorts({ primaryKey }: StreamDefinition): AnswerableSort[] {
  const { partition, clustering } = primaryKey;
  return clustering.map(({ field }, c) => ({
    column: field,
    with: [...partition, ...clustering.slice(0, c).map((column) => column.field)],
  }));
}
