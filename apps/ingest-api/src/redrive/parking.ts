import type { RecordTable, StoredDeadLetter } from '@orderstream/cassandra';

/** A record that the sink has refused so often is not sent again. */
export const MOST_FAILURES = 5;

/** Decides which letters are parked instead of sent again. */
export class Parking {
  private readonly graceByStream = new Map<string, Promise<number>>();

  constructor(private readonly tableByStream: ReadonlyMap<string, Pick<RecordTable, 'gcGraceSeconds'>>) {}

  /** Why the letter is parked; undefined when it may be sent again. Rejects as Cassandra did. */
  async reasonFor(letter: StoredDeadLetter, failures: number): Promise<string | undefined> {
    if (failures >= MOST_FAILURES) return `refused ${MOST_FAILURES} times`;
    const { stream, writeTimeMicros } = letter;
    if (writeTimeMicros === undefined) return undefined;
    const oldestMs = Date.now() - (await this.graceSecondsOf(stream)) * 1_000;
    if (Number(writeTimeMicros / 1_000n) >= oldestMs) return undefined;
    return 'older than the gc_grace_seconds of the table, so a row deleted since could come back';
  }

  /** Asked once. */
  private graceSecondsOf(stream: string): Promise<number> {
    let grace = this.graceByStream.get(stream);
    if (!grace) {
      grace = this.tableByStream.get(stream)?.gcGraceSeconds() ?? Promise.resolve(Infinity);
      this.graceByStream.set(stream, grace);
    }
    return grace;
  }
}
