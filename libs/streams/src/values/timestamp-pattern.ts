import { DateTime } from 'luxon';
import { patternTokens, type PatternFault, type PatternToken } from './pattern-tokens.js';
import { MAX_TIMESTAMP_MS, MIN_TIMESTAMP_MS, timestampOfMs } from './timestamp.js';

/** A compiled pattern. */
export interface TimestampPattern {
  /** The texts name their offset; others are local times. */
  readonly hasOffset: boolean;
  /** ms since the epoch, a local time taken as UTC; undefined for a text that does not fit. */
  read(text: string): number | undefined;
  /** The same of a JSON number; only the epoch patterns take one. */
  readNumber?(value: number): number | undefined;
}

type Part = 'year' | 'month' | 'day' | 'hour' | 'meridiem' | 'minute' | 'second' | 'fraction' | 'weekday' | 'offset';

/** Fields as Unicode, Luxon and date-fns write them, with the part of a time each is and what Luxon calls it. */
const FIELDS: ReadonlyMap<string, readonly [Part, string]> = new Map<string, [Part, string]>([
  ...fields('year', ['yy', 'yyyy'], ['uuuu', 'yyyy']),
  ...fields('month', ['M', 'MM', 'MMM', 'MMMM'], ['L', 'M'], ['LL', 'MM'], ['LLL', 'MMM'], ['LLLL', 'MMMM']),
  ...fields('day', ['d', 'dd']),
  ...fields('hour', ['H', 'HH', 'h', 'hh']),
  ...fields('meridiem', ['a']),
  ...fields('minute', ['m', 'mm']),
  ...fields('second', ['s', 'ss']),
  ...fields('fraction', ['SSS'], ['S', 'uuu'], ['SS', 'uu'], ...[4, 5, 6, 7, 8, 9].map((n) => ['S'.repeat(n), 'u'])),
  ...fields('weekday', ['EEE', 'EEEE'], ['E', 'EEE'], ['EE', 'EEE']),
  ...fields('offset', ['Z', 'ZZ', 'ZZZ'], ['X', 'ZZZ'], ['XX', 'ZZZ'], ['XXX', 'ZZ'], ['x', 'ZZZ'], ['xx', 'ZZZ']),
  ...fields('offset', [], ['xxx', 'ZZ']),
]);

/** What people write instead. */
const MEANT: Readonly<Record<string, string>> = { YYYY: 'yyyy', YY: 'yy', DD: 'dd', D: 'd', A: 'a', SSSS: 'SSS' };

/** Whole patterns that are no fields: seconds (Luxon, date-fns) and milliseconds since the epoch. */
const EPOCH_UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['X', 1000],
  ['t', 1000],
  ['x', 1],
  ['T', 1],
]);
const EPOCH = /^[+-]?\d{1,15}(?:\.\d{1,9})?$/;
const MAX_PATTERN_LENGTH = 100;

/**
 * Compiles a Unicode pattern as Luxon or date-fns use it: `M/d/yyyy H:mm`, or `X`, `x` for seconds and milliseconds since
 * the epoch. Names of months and days are English. Year, month and day are needed, so that no clock is asked for them.
 */
export function compileTimestampPattern(pattern: string): TimestampPattern | PatternFault {
  const unitMs = EPOCH_UNIT_MS.get(pattern);
  if (unitMs !== undefined) return epochPattern(unitMs);
  if (pattern.length > MAX_PATTERN_LENGTH) return { fault: `it is longer than ${MAX_PATTERN_LENGTH} characters` };
  const tokens = patternTokens(pattern);
  if ('fault' in tokens) return tokens;
  const fault = faultOf(tokens);
  return fault === undefined ? compiled(tokens) : { fault };
}

function epochPattern(unitMs: number): TimestampPattern {
  const readNumber = (value: number): number | undefined => timestampOfMs(Math.floor(value * unitMs));
  return {
    hasOffset: true,
    read: (text) => (EPOCH.test(text) ? readNumber(Number(text)) : undefined),
    readNumber,
  };
}

function faultOf(tokens: readonly PatternToken[]): string | undefined {
  const seen = new Map<Part, string>();
  for (const { kind, text } of tokens) {
    if (kind === 'text') continue;
    const field = FIELDS.get(text);
    if (!field) return `${text} is no part of a time${meant(text)}; texts stand in single quotes`;
    const [part] = field;
    if (seen.has(part))
      return `the ${part} stands twice, as ${seen.get(part)} and ${text} (M is the month, m the minute)`;
    seen.set(part, text);
  }
  const missing = (['year', 'month', 'day'] as const).filter((part) => !seen.has(part));
  if (missing.length > 0) return `it has no ${missing.join(', no ')}; yyyy, M and d are needed`;
  if (seen.get('hour')?.startsWith('h') === true && !seen.has('meridiem'))
    return 'h counts to 12 and needs a (AM, PM); H counts to 23';
  if (seen.has('meridiem') && seen.get('hour')?.startsWith('h') !== true) return 'a (AM, PM) needs h';
  return undefined;
}

const meant = (text: string): string => (MEANT[text] === undefined ? '' : ` (did you mean ${MEANT[text]}?)`);

function compiled(tokens: readonly PatternToken[]): TimestampPattern {
  const luxon = tokens.map(({ kind, text }) => (kind === 'text' ? `'${text}'` : FIELDS.get(text)![1])).join('');
  const options = { locale: 'en-US', numberingSystem: 'latn', zone: 'utc' } as const;
  const parser = DateTime.buildFormatParser(luxon, options);
  const last = tokens.at(-1)!;
  const hasOffset = tokens.some(({ kind, text }) => kind === 'field' && FIELDS.get(text)![0] === 'offset');
  const mayEndInZ = hasOffset && last.kind === 'field' && FIELDS.get(last.text)![0] === 'offset';
  return {
    hasOffset,
    read: (text) => {
      const given = mayEndInZ && /[Zz]$/.test(text) ? `${text.slice(0, -1)}+00` : text;
      const time = DateTime.fromFormatParser(given, parser, options);
      if (!time.isValid) return undefined;
      const ms = time.toMillis();
      return ms >= MIN_TIMESTAMP_MS && ms <= MAX_TIMESTAMP_MS ? ms : undefined;
    },
  };
}

function fields(
  part: Part,
  same: readonly string[],
  ...others: readonly (readonly string[])[]
): [string, [Part, string]][] {
  return [...same.map((name) => [name, name]), ...others].map(([name, luxon]) => [name!, [part, luxon!]]);
}
