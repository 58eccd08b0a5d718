import type { CompiledStream } from '@orderstream/streams';
import { reconciledRow } from './findings.js';
import type { KeyedWrites } from './keyed-writes.js';
import type { LogScan } from './log-scan.js';
import { type MendBatch, mendBatches, type WrongRow, type Written } from './mend-batches.js';
import type { Overruling } from './overrule.js';
import type { ReconcileTally } from './reconcile-tally.js';
import type { Verdict } from './row-verdict.js';
import type { StoredRows } from './stored-rows.js';

export interface MenderParts {
  readonly stream: CompiledStream;
  readonly log: LogScan;
  readonly writes: KeyedWrites;
  readonly rows: StoredRows;
  readonly tally: ReconcileTally;
  /** absent: what stays wrong is reported only */
  readonly overruling: Overruling | undefined;
}

/** Writes rows again from the records that make them, 16 MiB of records at a time, and reads them back. */
export class Mender {
  constructor(private readonly parts: MenderParts) {}

  /** Throws `broker_unavailable`; rejects as Cassandra does, and with the signal's reason. */
  async mend(wrong: readonly WrongRow[]): Promise<void> {
    for (const batch of mendBatches(wrong)) {
      await this.readRecords(batch);
      await this.parts.rows.each(batch.rows, (row) => this.mendRow(row, batch.writtenOf(row)));
    }
  }

  private async readRecords(batch: MendBatch): Promise<void> {
    const { log, writes } = this.parts;
    await log.scan(batch.windows, (partition, record) => {
      if (!batch.needs(partition, record.offset)) return;
      const keyed = writes.read(partition, record);
      if (keyed && !keyed.isLettered) batch.take(keyed);
    });
  }

  private async mendRow(row: WrongRow, written: readonly Written[]): Promise<void> {
    const { stream, rows, tally, overruling } = this.parts;
    const { fold } = row.suspect;
    for (const { write, by } of written) await rows.write(write, by);
    const found = await rows.find(fold.key);
    if (row.suspect.isTouched(found)) {
      tally.pending++;
      return;
    }
    const verdict = row.suspect.verdictOn(found);
    if (!isFault(verdict)) {
      tally.repaired++;
      return;
    }
    tally.shadowed.add(reconciledRow(stream, fold, verdict));
    const overruled = await overruling?.overrule({ ...row, found, fault: verdict }, written);
    if (overruled) tally.overruled.add(overruled);
  }
}

export const isFault = (
  verdict: Verdict | undefined,
): verdict is Exclude<Verdict, { readonly kind: 'right' | 'expired' }> =>
  verdict !== undefined && verdict.kind !== 'right' && verdict.kind !== 'expired';
