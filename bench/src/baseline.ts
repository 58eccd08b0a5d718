import type { Spread } from './spread.ts';

export interface Limit {
  /** the least that the median may be */
  readonly min?: number;
  /** the most that the median may be */
  readonly max?: number;
  /** the median when the limit was last looked at; shown beside the new one */
  readonly was?: number;
}

export interface Baseline {
  readonly ratios: Readonly<Record<string, Limit>>;
  /** peak resident set of each of our applications */
  readonly rssMb: { readonly max: number };
}

export interface Verdict {
  readonly name: string;
  readonly spread: Spread | undefined;
  readonly limit: Limit | undefined;
  readonly ok: boolean;
}

/** `expected` are the ratios that this run was to measure: one that is missing has failed. */
export function compare(
  ratios: Readonly<Record<string, Spread>>,
  baseline: Baseline,
  expected: readonly string[],
): Verdict[] {
  return expected.map((name) => {
    const spread = ratios[name];
    const limit = baseline.ratios[name];
    return { name, spread, limit, ok: spread !== undefined && isWithin(spread.median, limit) };
  });
}

function isWithin(median: number, { min = -Infinity, max = Infinity }: Limit = {}): boolean {
  return median >= min && median <= max;
}
