import { ProblemError, type ProblemItem } from '@orderstream/contracts';
import { cellsOf } from './csv-cells.js';
import type { SoundRecords } from './record-gathering.js';

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
 * cell, or the line where it could not be cut into cells; `rows` are the first ones below it, where they are known.
 */
export function withDelimiterHint(problem: unknown, text: string, delimiter: string, rows?: SoundRecords): unknown {
  if (!(problem instanceof ProblemError) || !HEADER_PROBLEMS.has(problem.code)) return problem;
  const found = [...PARAMETER_BY_DELIMITER].find(([each]) => each !== delimiter && text.includes(each));
  if (!found) return problem;
  const [character, parameter] = found;
  const query = `delimiter=${encodeURIComponent(parameter)}`;
  const name = character === '\t' ? 'a tab' : `"${character}"`;
  const fit = rows && fitOf(rows, text, character);
  const told = fit ? ` ${fit.agree} of the first ${fit.of} rows then have as many cells as it.` : '';
  const detail = `The header is one cell that contains ${name}: send ?${query}.${told}`;
  const share = fit && { share: fit.agree / fit.of };
  const hint: ProblemItem = { detail, parameter: 'delimiter', value: parameter, query, ...share };
  const errors = [...(problem.extra.errors ?? []), hint];
  return new ProblemError(problem.code, `${problem.detail} ${detail}`, { ...problem.extra, errors });
}

/** How many rows have as many cells as the header, when both are cut by that character; undefined where none can be cut. */
function fitOf(rows: SoundRecords, header: string, character: string): { agree: number; of: number } | undefined {
  try {
    const cut = cellsOf(rows, character);
    const width = header.split(character).length;
    return cut.length === 0
      ? undefined
      : { agree: cut.filter(({ length }) => length === width).length, of: cut.length };
  } catch {
    return undefined; // quotes that stand elsewhere with another delimiter
  }
}

const HEADER_PROBLEMS: ReadonlySet<string> = new Set(['unknown_header', 'no_header']);
