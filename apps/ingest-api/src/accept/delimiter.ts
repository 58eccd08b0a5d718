import { ProblemError, type ProblemItem } from '@orderstream/contracts';

/** Delimiters of files people have, beside the comma, and what `?delimiter=` calls them. */
const PARAMETER_BY_DELIMITER: ReadonlyMap<string, string> = new Map([
  [';', ';'],
  ['\t', 'tab'],
  ['|', '|'],
  [',', ','],
]);

/** One ASCII character. Throws ProblemError `bad_parameter`. */
export function delimiterOf({ delimiter = ',' }: { readonly delimiter?: string }): string {
  if (/^[\t\x20-\x7e]$/.test(delimiter) && !/["A-Za-z0-9]/.test(delimiter)) return delimiter;
  throw new ProblemError(
    'bad_parameter',
    'delimiter must be one ASCII character, not a letter, digit or quote: , ; | or a tab.',
  );
}

/**
 * The problem of a header that could not be used, with the delimiter that its only cell seems to have. `text` is that
 * cell, or the line where it could not be cut into cells.
 */
export function withDelimiterHint(problem: unknown, text: string, delimiter: string): unknown {
  if (!(problem instanceof ProblemError) || !HEADER_PROBLEMS.has(problem.code)) return problem;
  const found = [...PARAMETER_BY_DELIMITER].find(([each]) => each !== delimiter && text.includes(each));
  if (!found) return problem;
  const [character, parameter] = found;
  const query = `delimiter=${encodeURIComponent(parameter)}`;
  const name = character === '\t' ? 'a tab' : `"${character}"`;
  const detail = `The header is one cell that contains ${name}: send ?${query}.`;
  const hint: ProblemItem = { detail, parameter: 'delimiter', value: parameter, query };
  const errors = [...(problem.extra.errors ?? []), hint];
  return new ProblemError(problem.code, `${problem.detail} ${detail}`, { ...problem.extra, errors });
}

const HEADER_PROBLEMS: ReadonlySet<string> = new Set(['unknown_header', 'no_header']);
