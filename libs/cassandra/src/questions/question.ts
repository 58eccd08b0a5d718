import type { FieldType } from '@orderstream/streams';

export type Comparison = 'eq' | 'gt' | 'gte' | 'lt' | 'lte';

/** One column compared with one value; the value is of the column's type, as a row has it. */
export interface Filter {
  readonly column: string;
  readonly is: Comparison;
  readonly value: string | number | boolean;
}

export interface Sort {
  readonly column: string;
  readonly order: 'asc' | 'desc';
}

/** What is asked of a table: the rows for which all filters hold. */
export interface Question {
  readonly filters: readonly Filter[];
  readonly sort?: Sort | undefined;
}

/** A question as one statement. The text depends on which columns are compared how, never on their values. */
export interface PlannedQuestion {
  readonly query: string;
  readonly params: readonly Uint8Array[];
}

/** Why a table has no answer: one sentence per filter that it cannot take, and per wish for an order. */
export class UnanswerableQuestion {
  constructor(readonly faults: readonly QuestionFault[]) {}
}

export interface QuestionFault {
  readonly part: 'filter' | 'sort';
  readonly column: string;
  readonly reason: string;
}

/** Types that a storage-attached index keeps in their order; of the others it knows equality only. */
const ORDERED: ReadonlySet<FieldType> = new Set(['int', 'bigint', 'decimal', 'timestamp', 'date']);
/** Types whose values can be compared at all. */
const COMPARABLE: ReadonlySet<FieldType> = new Set([...ORDERED, 'text', 'boolean', 'uuid']);

export const hasOrderedIndex = (type: FieldType): boolean => ORDERED.has(type);
export const isComparable = (type: FieldType): boolean => COMPARABLE.has(type);
