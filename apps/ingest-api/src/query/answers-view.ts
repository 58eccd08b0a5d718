import { answerableFilters, answerableSorts, primaryKeyOf, type AnswerableFilter } from '@orderstream/cassandra';
import type { StreamDefinition } from '@orderstream/streams';

/** A filter of `GET /streams/:name/records` as people write it. */
export interface FilterView {
  readonly column: string;
  readonly type: string;
  /** `column=`, and `column.gte=` and the like where a range can be asked for */
  readonly parameters: readonly string[];
  /** parameters that must be given beside it; empty: none */
  readonly with: readonly string[];
}

/** What a stream's table can be asked. */
export interface AnswersView {
  /** columns of `/streams/:name/records/:key`, in their order */
  readonly key: readonly string[];
  readonly filters: readonly FilterView[];
  /** `sort=column` and `sort=-column`, each with what must be given beside it */
  readonly sort: readonly { readonly column: string; readonly with: readonly string[] }[];
  /** what `from` and `to` are about; null: the stream has no event time */
  readonly eventTime: string | null;
}

const equal = (columns: readonly string[]): string[] => columns.map((column) => `${column}=`);

export function answersOf(definition: StreamDefinition): AnswersView {
  return {
    key: primaryKeyOf(definition),
    filters: answerableFilters(definition).map(filterView),
    sort: answerableSorts(definition).map(({ column, with: beside }) => ({ column, with: equal(beside) })),
    eventTime: definition.eventTime ?? null,
  };
}

function filterView({ column, type, ranges, with: beside }: AnswerableFilter): FilterView {
  const comparisons = ranges ? ['.gt', '.gte', '.lt', '.lte'] : [];
  return { column, type, parameters: equal([column, ...comparisons.map((is) => column + is)]), with: equal(beside) };
}

/** The filters in one sentence. */
export function filtersInWords(definition: StreamDefinition): string {
  const words = answerableFilters(definition).map(({ column, ranges, with: beside }) => {
    const range = ranges ? ` (or ${column}.gte= and the like)` : '';
    return `${column}=${range}${beside.length > 0 ? ` with ${equal(beside).join(', ')}` : ''}`;
  });
  return words.join('; ');
}
