import type { RecordTable } from '@orderstream/cassandra';
import { Limiter, withDeadline } from '@orderstream/resilience';
import type { CompiledStream, Row, Value } from '@orderstream/streams';

/** Keys counted at once. */
const COUNTERS = 1024;
/** Longer keys are told by their beginning. */
const MAX_KEY_LENGTH = 200;
const HOTTEST = 10;
/** Rows whose keys are looked up in the table. */
const SAMPLED_ROWS = 200;
const LOOKUPS_IN_FLIGHT = 16;
const LOOKUP_DEADLINE_MS = 5_000;

export interface HottestKeys {
  /** rows at least, greatest first; at most `undercount` more */
  readonly keys: readonly { readonly key: string; readonly rows: number }[];
  /** 0 when every key was counted; otherwise the most rows that any key, shown or not, was counted short by */
  readonly undercount: number;
}

/** The most frequent keys in bounded memory (Misra and Gries): a key with more than rows / 1024 is never missed. */
export class KeyCounts {
  private readonly rowsByKey = new Map<string, number>();
  private undercount = 0;

  add(key: string): void {
    const counted = key.length > MAX_KEY_LENGTH ? `${key.slice(0, MAX_KEY_LENGTH)}…` : key;
    const rows = this.rowsByKey.get(counted);
    if (rows !== undefined || this.rowsByKey.size < COUNTERS) this.rowsByKey.set(counted, (rows ?? 0) + 1);
    else this.takeOneOff();
  }

  hottest(): HottestKeys {
    const sorted = [...this.rowsByKey].sort(([, a], [, b]) => b - a).slice(0, HOTTEST);
    return { keys: sorted.map(([key, rows]) => ({ key, rows })), undercount: this.undercount };
  }

  private takeOneOff(): void {
    this.undercount++;
    for (const [key, rows] of this.rowsByKey) {
      if (rows === 1) this.rowsByKey.delete(key);
      else this.rowsByKey.set(key, rows - 1);
    }
  }
}

export interface ExistingKeys {
  /** rows that were looked up, chosen at random of all accepted ones */
  readonly sampled: number;
  /** of those, how many have a row in the table already; null where Cassandra did not answer in time */
  readonly existing: number | null;
  /** every accepted row was looked up */
  readonly complete: boolean;
}

/** A random sample of rows, each with the same chance, and whether the table has their keys. */
export class KeySample {
  private readonly rows: Row[] = [];
  private offered = 0;

  constructor(private readonly stream: CompiledStream) {}

  offer(row: Row): void {
    this.offered++;
    if (this.rows.length < SAMPLED_ROWS) this.rows.push(row);
    else {
      const place = Math.floor(Math.random() * this.offered);
      if (place < SAMPLED_ROWS) this.rows[place] = row;
    }
  }

  async existing(table: RecordTable): Promise<ExistingKeys> {
    const limiter = new Limiter(LOOKUPS_IN_FLIGHT);
    const isThere = (row: Row) => limiter.run(async () => (await table.findByPrimaryKey(this.keyOf(row))).length > 0);
    const late = () => new Error('Cassandra did not answer in time');
    const answers = Promise.all(this.rows.map(isThere));
    const found = await withDeadline(answers, LOOKUP_DEADLINE_MS, late).catch(() => undefined);
    return {
      sampled: this.rows.length,
      existing: found ? found.filter(Boolean).length : null,
      complete: this.offered === this.rows.length,
    };
  }

  /** Derived columns may be of the key, and the door leaves them unset. */
  private keyOf(row: Row): Value[] {
    const { definition, columns } = this.stream;
    const whole = [...row];
    this.stream.derive(whole);
    const { partition, clustering } = definition.primaryKey;
    const names = [...partition, ...clustering.map(({ field }) => field)];
    return names.map((name) => whole[columns.findIndex((column) => column.name === name)]);
  }
}
