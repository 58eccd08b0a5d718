import {
  classify,
  type RecordTable,
  type RowWriteTimes,
  type Statement,
  type StatementRunner,
} from '@orderstream/cassandra';
import type { Value, Write } from '@orderstream/streams';
import { retryUntil } from '@orderstream/resilience';
import type { RecordPlace } from './key-fold.js';

/** Tries of one statement, with their back-off about 15 s in all. */
const TRIES = 8;
const BACKOFF = { initialMs: 200, maxMs: 4_000 } as const;
/** Requests to Cassandra at once. */
const AT_ONCE = 64;

/** Reads and writes single rows of a stream's table; a passing failure is tried again for a while. */
export class StoredRows {
  constructor(
    private readonly table: RecordTable,
    private readonly runner: StatementRunner,
    private readonly signal: AbortSignal,
  ) {}

  /** Undefined where there is no row, and for a key that Cassandra says no row can have. Rejects with the driver's error. */
  async find(key: readonly Value[]): Promise<RowWriteTimes | undefined> {
    try {
      return await this.tried(() => this.table.findWriteTimes(key));
    } catch (error) {
      if (classify(error).class === 'permanent') return undefined;
      throw error;
    }
  }

  /** As the sink writes it. False when the store refuses it for good; rejects with the driver's error otherwise. */
  async write(write: Write, by: RecordPlace): Promise<boolean> {
    try {
      const statement: Statement = this.table.writeStatement(write, by);
      await this.tried(() => this.runner.executeBatch([statement]));
      return true;
    } catch (error) {
      if (classify(error).class === 'permanent') return false;
      throw error;
    }
  }

  /** Does the work for each item, many at once; ends with the first that rejects, or with the signal's reason. */
  async each<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
    const left = items[Symbol.iterator]();
    let hasFailed = false;
    const goOn = async (): Promise<void> => {
      for (let item = left.next(); !item.done && !hasFailed; item = left.next()) {
        this.signal.throwIfAborted();
        await work(item.value);
      }
    };
    const fail = (error: unknown): never => {
      hasFailed = true;
      throw error;
    };
    await Promise.all(Array.from({ length: AT_ONCE }, () => goOn().catch(fail)));
  }

  private tried<T>(work: () => Promise<T>): Promise<T> {
    return retryUntil(work, {
      ...BACKOFF,
      signal: this.signal,
      shouldRetry: (error, attempt) => attempt < TRIES && classify(error).class === 'transient',
    });
  }
}
