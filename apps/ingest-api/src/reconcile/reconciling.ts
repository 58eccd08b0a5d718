import type { RowWriteTimes } from '@orderstream/cassandra';
import type { PartitionEnds } from '@orderstream/kafka';
import type { CompiledStream } from '@orderstream/streams';
import { reconciledRow } from './findings.js';
import { KeyBuckets } from './key-buckets.js';
import type { KeyFold } from './key-fold.js';
import type { KeyedWrites } from './keyed-writes.js';
import type { LogScan } from './log-scan.js';
import type { WrongRow } from './mend-batches.js';
import { isFault, type Mender } from './mender.js';
import type { ReconcileTally } from './reconcile-tally.js';
import type { LogState, Windows } from './reconcile-windows.js';
import { isAsFolded } from './row-verdict.js';
import type { StoredRows } from './stored-rows.js';
import { Suspect, type KnownLog } from './suspect.js';

export interface ReconcilingParts {
  readonly stream: CompiledStream;
  readonly log: LogScan;
  readonly writes: KeyedWrites;
  readonly rows: StoredRows;
  readonly tally: ReconcileTally;
  readonly committedByPartition: LogState['committedByPartition'];
  /** µs, always later than the last one */
  readonly nowMicros: () => number;
  /** where the jobs of the stream that are under way begin to write, µs; asked for before rows are overruled */
  readonly oldestOpenBase: () => Promise<bigint | undefined>;
  /** Kafka may have removed records that are not at the beginning of the topic */
  readonly isCompacted: boolean;
  /** first and next offset of each partition now */
  readonly fetchEnds: () => Promise<LogState['endsByPartition']>;
  /** absent: what is wrong is reported only */
  readonly mender: Mender | undefined;
  /** keys in memory at once, and bytes of their text */
  readonly maxKeys: number;
  readonly maxKeyBytes: number;
}

interface FoundRow {
  readonly fold: KeyFold;
  readonly found: RowWriteTimes | undefined;
}

/**
 * Holds the rows of one table against windows of its log. A row that is exactly what its records in the windows make is
 * right. For the others the whole log is read: a record outside of the windows may have written them.
 */
export class Reconciling {
  private readonly buckets: KeyBuckets<KeyFold>;

  constructor(private readonly parts: ReconcilingParts) {
    this.buckets = new KeyBuckets(parts.maxKeys, parts.maxKeyBytes);
  }

  /** Throws `broker_unavailable`; rejects as Cassandra does, and with the signal's reason. */
  async run(windows: Windows): Promise<void> {
    const { tally, mender } = this.parts;
    while (this.buckets.next()) {
      await this.foldWindows(windows);
      tally.keys += this.buckets.items.size;
      const doubtful = await this.findDoubtful();
      if (doubtful.size === 0) continue;
      const wrong = this.judge(await this.readWholeLog(doubtful));
      await mender?.mend(wrong);
    }
  }

  private async foldWindows(windows: Windows): Promise<void> {
    const { log, writes, tally } = this.parts;
    const { buckets } = this;
    const isFirst = buckets.pass === 1;
    await log.scan(windows, (partition, record) => {
      const keyed = writes.read(partition, record);
      if (isFirst) tally.records++;
      const isRejected = !keyed || keyed.isLettered;
      if (isFirst && isRejected) tally.rejected++;
      if (isRejected) return;
      buckets.itemOf(keyed.keyText, () => writes.foldOf(keyed.key))?.take(keyed.write, keyed.by);
    });
  }

  private async findDoubtful(): Promise<Map<string, FoundRow>> {
    const doubtful = new Map<string, FoundRow>();
    await this.parts.rows.each(this.buckets.items, async ([keyText, fold]) => {
      const found = await this.parts.rows.find(fold.key);
      if (!isAsFolded(fold, found)) doubtful.set(keyText, { fold, found });
    });
    return doubtful;
  }

  /** To its end as it is now, after the rows were read: whatever has written them is in it, or was never in the log. */
  private async readWholeLog(doubtful: ReadonlyMap<string, FoundRow>): Promise<Suspect[]> {
    const { log, writes, committedByPartition } = this.parts;
    const known = await this.knownLog();
    const { ends } = known;
    const suspects = new Map<string, Suspect>();
    for (const [keyText, { fold, found }] of doubtful) {
      suspects.set(keyText, new Suspect(writes.foldOf(fold.key), found, known));
    }
    const whole = new Map([...ends].map(([partition, { low, high }]) => [partition, { from: low, end: high }]));
    await log.scan(whole, (partition, record) => {
      const keyed = writes.read(partition, record);
      const suspect = keyed && suspects.get(keyed.keyText);
      suspect?.take(keyed!, BigInt(record.offset) < (committedByPartition.get(partition) ?? 0n));
    });
    return [...suspects.values()];
  }

  /** In this order: a job that is not open any more has its records before the ends, one that begins later writes later. */
  private async knownLog(): Promise<KnownLog & { readonly ends: ReadonlyMap<number, PartitionEnds> }> {
    const { nowMicros, oldestOpenBase, fetchEnds, isCompacted } = this.parts;
    const asOfMicros = nowMicros();
    const openBase = await oldestOpenBase();
    const ends = await fetchEnds();
    return {
      asOfMicros,
      openBase,
      ends,
      isWhole: !isCompacted && [...ends.values()].every(({ low }) => low === 0n),
      isExpired: ({ partition, offset }) => isCompacted || BigInt(offset) < (ends.get(partition)?.low ?? 0n),
    };
  }

  private judge(suspects: readonly Suspect[]): WrongRow[] {
    const { stream, tally } = this.parts;
    const wrong: WrongRow[] = [];
    for (const suspect of suspects) {
      const fault = suspect.verdictOn(suspect.found);
      if (suspect.isPending) tally.pending++;
      else if (fault === undefined || fault.kind === 'expired') tally.expired++;
      else if (isFault(fault)) {
        tally[fault.kind].add(reconciledRow(stream, suspect.fold, fault));
        wrong.push({ suspect, fault, found: suspect.found });
      }
    }
    return wrong;
  }
}
