import { isComparable, type Comparison, type Filter, type Question, type Sort } from '@orderstream/cassandra';
import { ProblemError, type ProblemItem } from '@orderstream/contracts';
import { VALUE_READERS, type CompiledStream } from '@orderstream/streams';

const COMPARISONS: ReadonlySet<string> = new Set<Comparison>(['eq', 'gt', 'gte', 'lt', 'lte']);
const BOUND: Readonly<Record<Comparison, 'eq' | 'least' | 'most'>> = {
  eq: 'eq',
  gt: 'least',
  gte: 'least',
  lt: 'most',
  lte: 'most',
};
const SORT = /^(-?)([a-z][a-z0-9_]*)$/;

/** A filter that the definition does not make possible, before the table is asked. */
export interface NamelessFilter {
  readonly parameter: string;
  readonly reason: string;
}

export interface ReadQuestion {
  readonly question: Question;
  /** filters that no column of the stream is meant by */
  readonly nameless: readonly NamelessFilter[];
}

/**
 * The question in the parameters of a query: `column=value`, `column.gte=value` and the like (`column.eq=` where a
 * column is named like another parameter), `from` and `to` on the event time, `sort=column` or `sort=-column`. Throws
 * `bad_parameter` with every value that cannot be read.
 */
export function readQuestion(stream: CompiledStream, parameters: ReadonlyMap<string, string>): ReadQuestion {
  const errors: (ProblemItem & { parameter: string })[] = [];
  const nameless: NamelessFilter[] = [];
  const filters: Filter[] = [];
  let sort: Sort | undefined;
  for (const [parameter, text] of parameters) {
    if (parameter === 'sort') {
      sort = readSort(text, errors);
      continue;
    }
    const meant = meaningOf(stream, parameter);
    if ('reason' in meant) nameless.push(meant);
    else {
      const filter = readFilter(stream, meant, { parameter, text });
      if ('detail' in filter) errors.push(filter);
      else filters.push(filter);
    }
  }
  errors.push(...contradictions(filters));
  if (errors.length > 0) throw badParameters(errors);
  return { question: { filters, sort }, nameless };
}

export const badParameters = (errors: readonly ProblemItem[]): ProblemError =>
  new ProblemError('bad_parameter', errors.map(({ detail }) => detail).join('; '), { errors });

interface Meaning {
  readonly column: string;
  readonly is: Comparison;
}

function meaningOf({ columns, name, definition }: CompiledStream, parameter: string): Meaning | NamelessFilter {
  if (parameter === 'from' || parameter === 'to') {
    const { eventTime } = definition;
    if (eventTime === undefined) return { parameter, reason: `${name} has no event time, which from and to are about` };
    return { column: eventTime, is: parameter === 'from' ? 'gte' : 'lt' };
  }
  const dot = parameter.lastIndexOf('.');
  const column = dot < 0 ? parameter : parameter.slice(0, dot);
  const is = dot < 0 ? 'eq' : parameter.slice(dot + 1);
  if (!columns.some((each) => each.name === column)) return { parameter, reason: `${name} has no column ${column}` };
  if (COMPARISONS.has(is)) return { column, is: is as Comparison };
  return {
    parameter,
    reason: `.${is} is no comparison: there are ${[...COMPARISONS].map((each) => `.${each}`).join(', ')}`,
  };
}

function readFilter(
  { columns }: CompiledStream,
  { column, is }: Meaning,
  { parameter, text }: { parameter: string; text: string },
): Filter | (ProblemItem & { parameter: string }) {
  const { type } = columns.find(({ name }) => name === column)!;
  // What cannot be compared is refused by the table, with what can.
  if (!isComparable(type)) return { column, is, value: text };
  const value = text === '' ? undefined : VALUE_READERS[type].fromText(text);
  if (value !== undefined && value !== null) return { column, is, value };
  return {
    parameter,
    detail: `${parameter} is ${JSON.stringify(text.slice(0, 80))}, not ${VALUE_READERS[type].expected}`,
  };
}

function readSort(text: string, errors: ProblemItem[]): Sort | undefined {
  const [, minus, column] = SORT.exec(text) ?? [];
  if (column !== undefined) return { column, order: minus === '-' ? 'desc' : 'asc' };
  errors.push({ parameter: 'sort', detail: 'sort is a column like time, or -time for the greatest first' });
  return undefined;
}

/** `=` beside anything else, or two bounds on one side. */
function contradictions(filters: readonly Filter[]): (ProblemItem & { parameter: string })[] {
  return filters.flatMap(({ column, is }, at) => {
    const before = filters.slice(0, at).filter((other) => other.column === column);
    const clashes = before.some((other) => is === 'eq' || other.is === 'eq' || BOUND[other.is] === BOUND[is]);
    return clashes
      ? [{ parameter: column, detail: `${column} is compared twice; give = alone, or one bound on each side` }]
      : [];
  });
}
