import { randomBytes } from 'node:crypto';
import type { Servers } from '../servers.ts';
import type { Spread } from '../spread.ts';
import type { Turn } from '../turn.ts';

export interface SuiteContext {
  readonly servers: Servers;
  /** counted rounds */
  readonly rounds: number;
  readonly rows: number;
  readonly say: (line: string) => void;
}

/** What one suite found. */
export interface SuiteResult {
  readonly ratios: Readonly<Record<string, Spread>>;
  /** the counted turns of each contender, in the order of the rounds */
  readonly turns: Readonly<Record<string, readonly Turn[]>>;
  /** highest resident set of each application, MiB */
  readonly rssMb: Readonly<Record<string, number>>;
}

export interface Contender {
  readonly name: string;
  turn(): Promise<Turn>;
}

/** Discarded: the servers compile their code in them. After one, Cassandra still costs a third more than after three. */
const WARM_UP_ROUNDS = 2;

/**
 * Lets the contenders take turns: rounds that are discarded, then the counted ones. Each round begins with another contender, so that no one always follows the same one.
 */
export async function alternate(
  contenders: readonly Contender[],
  context: SuiteContext,
): Promise<Record<string, Turn[]>> {
  const turns: Record<string, Turn[]> = Object.fromEntries(contenders.map(({ name }) => [name, []]));
  for (let round = 1 - WARM_UP_ROUNDS; round <= context.rounds; round++) {
    for (let n = 0; n < contenders.length; n++) {
      const contender = contenders[(n + round + WARM_UP_ROUNDS) % contenders.length]!;
      const turn = await contender.turn();
      if (round > 0) turns[contender.name]!.push(turn);
      context.say(line(round, contender.name, turn));
    }
  }
  return turns;
}

/** A consumer group that has read nothing yet. */
export const newGroupId = (): string => `bench-${randomBytes(4).toString('hex')}`;

/** Its own, in seconds per 100,000 rows. */
export const cpuOf = (turns: readonly Turn[]): number[] => turns.map(({ cpu }) => cpu.own);

export const ratesOf = (turns: readonly Turn[]): number[] => turns.map(({ rowsPerSecond }) => rowsPerSecond);

function line(round: number, name: string, { rowsPerSecond, cpu }: Turn): string {
  const cpuText = `own ${cpu.own.toFixed(2)}, Kafka ${cpu.kafka.toFixed(2)}, Cassandra ${cpu.cassandra.toFixed(2)}`;
  const label = round <= 0 ? 'warm-up' : `round ${round}`;
  return `  ${label.padEnd(8)} ${name.padEnd(16)} ${Math.round(rowsPerSecond).toString().padStart(7)} rows/s   CPU s / 100 k rows: ${cpuText}`;
}
