import { randomBytes } from 'node:crypto';
import { parseDurationMs } from '@orderstream/contracts';
import type { GenerateQuery } from '@orderstream/contracts/dto';
import { createGenerator, type CompiledStream, type RowGenerator } from '@orderstream/streams';

const DEFAULT_DURATION = '60s';

/** What makes a run: with the same values it makes the same records. */
export interface RunOptions {
  readonly stream: string;
  /** records per second */
  readonly rate: number;
  /** null: until it is stopped */
  readonly count: number | null;
  readonly seed: string;
  readonly startTime: string;
  readonly runKey: string;
}

/** Fills in what the query leaves open: the seed by chance, the start by the clock. */
export function planRun(
  stream: CompiledStream,
  query: GenerateQuery,
): { options: RunOptions; generator: RowGenerator } {
  const { rate } = query;
  const seed = query.seed ?? randomBytes(6).toString('hex');
  const startTime = new Date(query.startTime ?? Date.now()).toISOString();
  const generator = createGenerator(stream, { seed, startTimeMs: Date.parse(startTime), ratePerSecond: rate });
  const options = { stream: stream.name, rate, count: countOf(query), seed, startTime, runKey: generator.runKey };
  return { options, generator };
}

/** Exactly rate × duration records, at least one. */
function countOf({ rate, count, duration = DEFAULT_DURATION }: GenerateQuery): number | null {
  if (count !== undefined) return count;
  if (duration === 'forever') return null;
  return Math.max(1, Math.round((rate * (parseDurationMs(duration) ?? 0)) / 1000));
}
