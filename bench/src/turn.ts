import type { Mark } from './drain.ts';

/** One contender in one round. CPU in seconds per 100,000 rows, for it and for the servers while it ran. */
export interface Turn {
  readonly rowsPerSecond: number;
  readonly cpu: { readonly own: number; readonly kafka: number; readonly cassandra: number };
}

const PER_ROWS = 100_000;

export function turnBetween(first: Mark, last: Mark): Turn {
  const rows = last.rows - first.rows;
  const per100k = (seconds: number): number => (seconds * PER_ROWS) / rows;
  return {
    rowsPerSecond: (rows * 1_000_000) / (last.atMicros - first.atMicros),
    cpu: {
      own: per100k(last.cpuSeconds - first.cpuSeconds),
      kafka: per100k(last.servers.kafka - first.servers.kafka),
      cassandra: per100k(last.servers.cassandra - first.servers.cassandra),
    },
  };
}
