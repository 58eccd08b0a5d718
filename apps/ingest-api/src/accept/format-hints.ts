import { columnOfCause, type RowFault } from '@orderstream/contracts';
import { formatGuesses, type FormatGuess, type ReadingOptions, type Value } from '@orderstream/streams';
import type { RowBatch } from './row-batch.js';

/** A query parameter that would have let refused cells in. Nothing of it is ever applied by itself. */
export interface Suggestion {
  readonly parameter: string;
  /** null: leave the parameter out, or fill it in where only its owner can know */
  readonly value: string | null;
  /** as it is to stand in the query; null where there is no value */
  readonly query: string | null;
  /** of the cells that were looked at, how many agree: from 0 to 1 */
  readonly share: number;
  readonly column?: string;
  readonly detail: string;
}

/** Refused cells per column that are tried; more are counted only. */
const SAMPLED_CELLS = 500;
/** Columns that are sampled. */
const SAMPLED_COLUMNS = 50;
/** A guess that fits fewer than this is not told; after the first cells it is not even tried any more. */
const LEAST_SHARE = 0.9;
const FIRST_CELLS = 20;
/** No form that is guessed is longer. */
const MAX_CELL_LENGTH = 60;

/** How often one guess fitted the cells of a column. */
interface Vote {
  readonly guess: FormatGuess;
  agree: number;
  /** tells guesses that read the same cells otherwise (day and month) from those that only look different */
  sum: number;
}

interface ColumnVotes {
  readonly column: string;
  readonly type: 'timestamp' | 'decimal';
  votes: Vote[];
  refused: number;
  sampled: number;
}

/** Tries refused timestamps and decimals of one upload against the forms people have. Bounded in time and memory. */
export class FormatHints {
  private readonly votesByColumn = new Map<string, ColumnVotes>();

  constructor(private readonly options: ReadingOptions = {}) {}

  /** The batch with hints in the reasons of its rejects, as far as they are known by now. */
  explained(batch: RowBatch): RowBatch {
    if (!batch.rejects.some(({ faults }) => faults.some(isAboutForm))) return batch;
    return { ...batch, rejects: batch.rejects.map((reject) => ({ ...reject, faults: this.explain(reject.faults) })) };
  }

  explain<F extends readonly RowFault[]>(faults: F): F {
    return faults.map((fault) => (isAboutForm(fault) ? this.withHint(fault) : fault)) as unknown as F;
  }

  suggestions(): Suggestion[] {
    return [...this.votesByColumn.values()].flatMap(suggestionOf);
  }

  warnings(): string[] {
    return this.suggestions().map(({ detail }) => detail);
  }

  private withHint(fault: RowFault): RowFault {
    const votes = this.votesOf(fault);
    if (!votes) return fault;
    votes.refused++;
    const text = (fault.value ?? '').trim();
    if (votes.sampled < SAMPLED_CELLS) cast(votes, text);
    const best = bestOf(votes);
    if (!best || text.length > MAX_CELL_LENGTH || best.guess.read(text) === undefined) return fault;
    const hint = `It fits ${best.guess.form}: if that is meant, ${instruction(best.guess)} with the whole file.`;
    return { ...fault, reason: `${fault.reason} ${hint}` };
  }

  private votesOf({ code, column: place }: RowFault): ColumnVotes | undefined {
    const column = columnOfCause(place!);
    const known = this.votesByColumn.get(column);
    if (known || this.votesByColumn.size >= SAMPLED_COLUMNS) return known;
    const type = code === 'bad_timestamp' ? 'timestamp' : 'decimal';
    const votes = formatGuesses(type, this.options).map((guess) => ({ guess, agree: 0, sum: 0 }));
    const fresh = { column, type, votes, refused: 0, sampled: 0 } as const;
    this.votesByColumn.set(column, fresh);
    return fresh;
  }
}

const isAboutForm = ({ code, column }: RowFault): boolean =>
  column !== undefined && (code === 'bad_timestamp' || code === 'bad_decimal');

function cast(column: ColumnVotes, text: string): void {
  column.sampled++;
  if (text.length <= MAX_CELL_LENGTH) {
    for (const vote of column.votes) {
      const value = vote.guess.read(text);
      if (value === undefined) continue;
      vote.agree++;
      vote.sum += numberOf(value) * column.sampled;
    }
  }
  if (column.sampled === FIRST_CELLS) column.votes = column.votes.filter((vote) => isLikely(vote, column));
}

const numberOf = (value: Value): number => Number(value) % 1_000_003_000;

const isLikely = ({ agree }: Vote, { sampled }: ColumnVotes): boolean => agree > 0 && agree >= sampled * LEAST_SHARE;

const bestOf = (column: ColumnVotes): Vote | undefined =>
  column.votes.filter((vote) => isLikely(vote, column)).sort((a, b) => b.agree - a.agree)[0];

/** Forms that fit as often and read the cells otherwise, one of each reading. */
function rivalsOf({ agree, sum }: Vote, { votes }: ColumnVotes): string[] {
  const formBySum = new Map<number, string>([[sum, '']]);
  for (const vote of votes)
    if (vote.agree === agree && !formBySum.has(vote.sum)) formBySum.set(vote.sum, vote.guess.form);
  return [...formBySum.values()].slice(1);
}

function suggestionOf(column: ColumnVotes): Suggestion[] {
  const best = bestOf(column);
  if (!best) return [];
  const { guess, agree } = best;
  const rivals = rivalsOf(best, column);
  const kind = column.type === 'timestamp' ? 'dates' : 'numbers';
  const of = column.refused > column.sampled ? `the first ${column.sampled} of ${column.refused}` : column.refused;
  const either = rivals.length === 0 ? '' : `, and ${rivals.join(', ')} as well, so only their owner can tell`;
  return [
    {
      parameter: guess.parameter,
      value: guess.value ?? null,
      query: guess.value === undefined ? null : queryOf(guess.parameter, guess.value),
      share: agree / column.sampled,
      column: column.column,
      detail: `${agree} of ${of} refused ${kind} of ${column.column} fit ${guess.form}${either}; ${instruction(guess)}`,
    },
  ];
}

const instruction = ({ parameter, value }: FormatGuess): string =>
  value === undefined ? `leave ${parameter} out` : `send ?${queryOf(parameter, value)}`;

const queryOf = (parameter: string, value: string): string => `${parameter}=${encodeURIComponent(value)}`;
