import { parseArgs } from 'node:util';

export const SUITES = ['sink', 'ingest', 'e2e', 'receipts', 'rollups', 'avro'] as const;
export type SuiteName = (typeof SUITES)[number];

const PROFILED = ['sink', 'ingest'] as const;

export interface BenchOptions {
  readonly suites: readonly SuiteName[];
  /** counted rounds; one more runs before them and is discarded */
  readonly rounds: number;
  /** rows of each turn; absent: each suite has its own number */
  readonly rows: number | undefined;
  readonly jsonFile: string | undefined;
  /** the suite whose product process is profiled instead of being compared */
  readonly profile: (typeof PROFILED)[number] | undefined;
  /** leaves the servers running for the next run */
  readonly keep: boolean;
}

export const USAGE = `Usage: npm run bench -- [--json FILE] [--only sink|ingest|e2e|receipts|rollups|avro] [--rounds 3] [--rows N] [--keep]
       npm run bench -- --profile sink|ingest [--rows N] [--keep]`;

/** Throws with one sentence about what is wrong. */
export function readOptions(argv: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      json: { type: 'string' },
      only: { type: 'string', multiple: true },
      rounds: { type: 'string', default: '3' },
      rows: { type: 'string' },
      profile: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  });
  return {
    suites: (values.only ?? SUITES).map((name) => oneOf('only', name, SUITES)),
    rounds: wholeNumber('rounds', values.rounds),
    rows: values.rows === undefined ? undefined : wholeNumber('rows', values.rows),
    jsonFile: values.json,
    profile: values.profile === undefined ? undefined : oneOf('profile', values.profile, PROFILED),
    keep: values.keep,
  };
}

function oneOf<T extends string>(option: string, given: string, allowed: readonly T[]): T {
  const found = allowed.find((name) => name === given);
  if (found === undefined) throw new Error(`--${option} must be one of ${allowed.join(', ')}, got ${given}`);
  return found;
}

function wholeNumber(option: string, given: string): number {
  if (!/^[1-9]\d{0,8}$/.test(given)) throw new Error(`--${option} must be a whole number of 1 or more, got ${given}`);
  return Number(given);
}
