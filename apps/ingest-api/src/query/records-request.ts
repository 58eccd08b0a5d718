import { UnanswerableQuestion, type PlannedQuestion, type RecordQuestions } from '@orderstream/cassandra';
import { ProblemError } from '@orderstream/contracts';
import type { CompiledStream } from '@orderstream/streams';
import { answersOf, filtersInWords } from './answers-view.js';
import { badParameters, readQuestion } from './record-filters.js';

export const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1000;

/** A request for a page of records. */
export interface RecordsRequest {
  readonly plan: PlannedQuestion;
  /** equal for equal questions of one stream; what a cursor is bound to */
  readonly identity: string;
  readonly limit: number | undefined;
  readonly cursor: string | undefined;
}

/**
 * What a query asks of a stream's table. Throws `bad_parameter`, and `unanswerable_filter` or `unanswerable_sort` with
 * what can be asked instead.
 */
export function recordsRequestOf(
  stream: CompiledStream,
  questions: Pick<RecordQuestions, 'plan'>,
  query: Readonly<Record<string, unknown>>,
): RecordsRequest {
  const parameters = textsOf(query);
  const limit = limitIn(parameters.get('limit'));
  const cursor = parameters.get('cursor');
  parameters.delete('limit');
  parameters.delete('cursor');
  const { question, nameless } = readQuestion(stream, parameters);
  if (nameless.length > 0) throw unanswerableFilter(stream, nameless);
  const plan = questions.plan(question);
  if (plan instanceof UnanswerableQuestion) throw unanswerable(stream, plan);
  const values = plan.params.map((bytes) => Buffer.from(bytes).toString('hex'));
  return { plan, identity: JSON.stringify([stream.name, plan.query, values]), limit, cursor };
}

/** Every parameter once, as text. */
function textsOf(query: Readonly<Record<string, unknown>>): Map<string, string> {
  const entries = Object.entries(query);
  const repeated = entries.filter(([, value]) => typeof value !== 'string');
  if (repeated.length > 0)
    throw badParameters(repeated.map(([parameter]) => ({ parameter, detail: `${parameter} is given more than once` })));
  return new Map(entries as [string, string][]);
}

function limitIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const limit = Number(text);
  if (/^\d{1,4}$/.test(text) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw badParameters([{ parameter: 'limit', detail: `limit is a whole number from 1 to ${MAX_LIMIT}` }]);
}

function unanswerable(stream: CompiledStream, { faults }: UnanswerableQuestion): ProblemError {
  const filters = faults.filter(({ part }) => part === 'filter');
  if (filters.length > 0)
    return unanswerableFilter(
      stream,
      filters.map(({ column, reason }) => ({ parameter: column, reason })),
    );
  const { sort } = answersOf(stream.definition);
  const can = sort.map(({ column, with: beside }) => `${column} with ${beside.join(', ')}`).join('; ');
  const detail = `${faults.map(({ reason }) => reason).join('; ')}. ${stream.name} can be sorted by ${can || 'nothing'}.`;
  const errors = faults.map(({ reason }) => ({ parameter: 'sort', detail: reason, answerable: sort }));
  return new ProblemError('unanswerable_sort', detail, { errors });
}

function unanswerableFilter(
  stream: CompiledStream,
  faults: readonly { readonly parameter: string; readonly reason: string }[],
): ProblemError {
  const { filters } = answersOf(stream.definition);
  const reasons = faults.map(({ reason }) => reason).join('; ');
  const detail = `${reasons}. ${stream.name} answers ${filtersInWords(stream.definition)}; without a filter, all rows.`;
  const errors = faults.map(({ parameter, reason }) => ({ parameter, detail: reason, answerable: filters }));
  return new ProblemError('unanswerable_filter', detail, { errors });
}
