import { randomBytes } from 'node:crypto';
import { parseDurationMs, parseRate, ProblemError } from '@orderstream/contracts';
import type { GenerateQuery } from '@orderstream/contracts/dto';
import { createGenerator, rateCurve, type CompiledStream, type Rate, type RowGenerator } from '@orderstream/streams';

const DEFAULT_DURATION = '60s';

/** What makes a run: with the same values it makes the same records. */
export interface RunOptions {
  readonly stream: string;
  /** records per second; a ramp reaches its end after `durationMs` and stays there */
  readonly rate: Rate;
  /** null: until it is stopped */
  readonly count: number | null;
  readonly seed: string;
  readonly startTime: string;
  /** distinct keys; null: as many as the generator has */
  readonly keys: number | null;
  /** share of the records that update an earlier one */
  readonly updates: number;
  /** share of the records that the sink must refuse */
  readonly faults: number;
  readonly runKey: string;
  /** of the topic when the run began */
  readonly partitions: number;
}

/** A run without its topic. */
export type PlannedRun = Omit<RunOptions, 'partitions'>;

/**
 * Fills in what the query leaves open: the seed by chance, the start by the clock. Throws `bad_parameter` for what the
 * generator of the stream cannot do.
 */
export function planRun(
  stream: CompiledStream,
  query: GenerateQuery,
): { options: PlannedRun; generator: RowGenerator } {
  const rate = rateOf(query);
  const { keys = null, updates, faults } = query;
  const seed = query.seed ?? randomBytes(6).toString('hex');
  const startTime = new Date(query.startTime ?? Date.now()).toISOString();
  const options = { stream: stream.name, rate, count: countOf(query, rate), seed, startTime, keys, updates, faults };
  try {
    const generator = generatorOf(stream, options);
    return { options: { ...options, runKey: generator.runKey }, generator };
  } catch (error) {
    if (error instanceof RangeError) throw new ProblemError('bad_parameter', error.message, { cause: error });
    throw error;
  }
}

/** The generator of a run that was planned before, maybe elsewhere. */
export function generatorOf(stream: CompiledStream, options: Omit<PlannedRun, 'runKey'>): RowGenerator {
  const { seed, startTime, rate, count, keys, updates, faults } = options;
  return createGenerator(stream, {
    seed,
    startTimeMs: Date.parse(startTime),
    ratePerSecond: rate,
    count: count ?? undefined,
    keys: keys ?? undefined,
    updates,
    faults,
  });
}

function rateOf({ rate, duration = DEFAULT_DURATION }: GenerateQuery): Rate {
  const { from, to } = parseRate(rate)!; // checked by the query
  if (from === to) return from;
  const durationMs = parseDurationMs(duration);
  if (durationMs === undefined) {
    throw new ProblemError('bad_parameter', 'a ramp needs a duration that ends; give one rate, or a duration');
  }
  return { from, to, durationMs };
}

/** Exactly what the rate makes in the duration, at least one. */
function countOf({ count, duration = DEFAULT_DURATION }: GenerateQuery, rate: Rate): number | null {
  if (count !== undefined) return count;
  if (duration === 'forever') return null;
  return Math.max(1, Math.round(rateCurve(rate).recordsBy(parseDurationMs(duration) ?? 0)));
}
