import { ProblemError } from '@orderstream/contracts';

const HOUR_MS = 3_600_000;
const HOURS = 24;
/** Each day is a read of its own: a year, which may be a leap year. */
const MAX_DAYS = 366;

/** Hours since the epoch: from `firstHour` up to, and without, `endHour`. */
export interface StatsSpan {
  readonly firstHour: number;
  readonly endHour: number;
}

export interface SpanQuery {
  readonly from?: string;
  readonly to?: string;
}

/** Undefined: all times. Throws `bad_parameter`. */
export function spanOf({ from, to }: SpanQuery, unit: 'hour' | 'day'): StatsSpan | undefined {
  if (from === undefined && to === undefined) return undefined;
  if (from === undefined || to === undefined) throw bad('give from and to together, or neither for all times');
  const [firstHour, endHour] = [hourOf('from', from, unit), hourOf('to', to, unit)];
  if (endHour <= firstHour) throw bad('to must be after from');
  if (endHour - firstHour > MAX_DAYS * HOURS)
    throw bad(
      `from and to are more than ${MAX_DAYS} days apart; ask for less at a time, or leave both out for all times`,
    );
  return { firstHour, endHour };
}

/** Days since the epoch that the span touches. */
export function daysOf({ firstHour, endHour }: StatsSpan): number[] {
  const first = Math.floor(firstHour / HOURS);
  return Array.from({ length: Math.ceil(endHour / HOURS) - first }, (_, i) => first + i);
}

function hourOf(parameter: string, text: string, unit: 'hour' | 'day'): number {
  const hour = Date.parse(text) / HOUR_MS;
  const isWhole = unit === 'hour' ? Number.isInteger(hour) : Number.isInteger(hour / HOURS);
  if (isWhole) return hour;
  throw bad(`${parameter} must be a whole ${unit} in UTC, as records are counted by ${unit}`);
}

const bad = (detail: string): ProblemError => new ProblemError('bad_parameter', detail);
