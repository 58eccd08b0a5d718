import type { OverruledRow, Reconciliation, ReconciledRow } from '@orderstream/contracts';
import { RowTally } from './findings.js';
import type { Windows } from './reconcile-windows.js';

/** What one reconciliation has seen so far. Of rows it keeps the examples only. */
export class ReconcileTally {
  records = 0;
  rejected = 0;
  keys = 0;
  pending = 0;
  expired = 0;
  repaired = 0;
  readonly missing = new RowTally();
  readonly stale = new RowTally();
  readonly foreign = new RowTally();
  readonly shadowed = new RowTally<ReconciledRow>();
  readonly overruled = new RowTally<OverruledRow>();

  constructor(private readonly asked: { readonly repair: boolean; readonly overrule: boolean }) {}

  answer(about: Pick<Reconciliation, 'id' | 'stream' | 'topic'>, windows: Windows, seconds: number): Reconciliation {
    const { records, rejected, keys, pending, expired, repaired } = this;
    return {
      ...about,
      windows: [...windows].map(([partition, { from, end }]) => ({ partition, from: String(from), to: String(end) })),
      ...{ records, rejected, keys, pending, expired },
      missing: this.missing.rows,
      stale: this.stale.rows,
      foreign: this.foreign.rows,
      repair: this.asked.repair ? { repaired, shadowed: this.shadowed.rows } : null,
      overruled: this.asked.overrule ? this.overruled.rows : null,
      seconds: Math.round(seconds * 1000) / 1000,
      recordsPerSecond: Math.round(records / seconds),
    };
  }
}
