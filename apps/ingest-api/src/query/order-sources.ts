import { UnanswerableQuestion, type PlannedQuestion, type RecordQuestions } from '@orderstream/cassandra';
import { ProblemError } from '@orderstream/contracts';
import { VALUE_READERS, type CompiledStream } from '@orderstream/streams';
import { badParameters, readQuestion } from './record-filters.js';

/** A stream of orders, and what asks its table. */
export interface OrderSource {
  readonly stream: CompiledStream;
  readonly questions: RecordQuestions;
}

/** Filters of `GET /orders`. */
export interface OrderFilters {
  readonly customer_id?: string;
  readonly status?: string;
  readonly from?: string;
  readonly to?: string;
}

export interface AskedSource extends OrderSource {
  readonly plan: PlannedQuestion;
}

/** A stream that cannot answer, and why. */
export interface LeftOut {
  readonly stream: string;
  readonly reason: string;
}

export interface AskedSources {
  readonly asked: readonly AskedSource[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * The filters as a question to each stream, by what its definition calls customer, status and event time. Throws
 * `bad_parameter` for times that are none, and `unanswerable_filter` when no stream can answer.
 */
export function askSources(sources: readonly OrderSource[], filters: OrderFilters): AskedSources {
  checkTimes(filters);
  const asked: AskedSource[] = [];
  const leftOut: LeftOut[] = [];
  for (const source of sources) {
    const plan = planFor(source, filters);
    if (typeof plan === 'string') leftOut.push({ stream: source.stream.name, reason: plan });
    else asked.push({ ...source, plan });
  }
  if (asked.length > 0) return { asked, leftOut };
  const detail = `no stream of orders can answer this: ${leftOut.map(({ stream, reason }) => `${stream}: ${reason}`).join('; ')}`;
  throw new ProblemError('unanswerable_filter', detail, {
    errors: leftOut.map(({ stream, reason }) => ({ stream, detail: reason })),
  });
}

function checkTimes(filters: OrderFilters): void {
  const times = VALUE_READERS.timestamp;
  const wrong = (['from', 'to'] as const).filter((name) => {
    const text = filters[name];
    return text !== undefined && times.fromText(text) === undefined;
  });
  if (wrong.length > 0)
    throw badParameters(wrong.map((parameter) => ({ parameter, detail: `${parameter} is not ${times.expected}` })));
}

/** The statement, or why there is none. */
function planFor({ stream, questions }: OrderSource, filters: OrderFilters): PlannedQuestion | string {
  const { order = {}, eventTime } = stream.definition;
  const parameters = new Map<string, string>();
  for (const [column, text, what] of [
    [order.customer, filters.customer_id, 'customer'],
    [order.status, filters.status, 'status'],
  ] as const) {
    if (text === undefined) continue;
    if (column === undefined) return `its orders have no ${what}`;
    const { type } = stream.columns.find(({ name }) => name === column)!;
    if (VALUE_READERS[type].fromText(text) === undefined)
      return `${column} is never ${JSON.stringify(text.slice(0, 80))}`;
    parameters.set(`${column}.eq`, text);
  }
  for (const name of ['from', 'to'] as const) {
    const text = filters[name];
    if (text === undefined) continue;
    if (eventTime === undefined) return 'its orders have no time';
    parameters.set(name, text);
  }
  const plan = questions.plan(readQuestion(stream, parameters).question);
  return plan instanceof UnanswerableQuestion ? plan.faults.map(({ reason }) => reason).join('; ') : plan;
}
