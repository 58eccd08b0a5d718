/** One row that is not what the log says. */
export interface ReconciledRow {
  /** the primary key by column */
  readonly key: Readonly<Record<string, string | number | boolean | null>>;
  /** the newest record of the key that the sink has passed */
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** µs, of that record; a deletion's where the row must be absent */
  readonly expectedWriteTimeMicros: string;
  /** µs, of the cell that tells; null where it has no value */
  readonly foundWriteTimeMicros: string | null;
  /** the cell that tells; null when there is no row */
  readonly column: string | null;
}

/** All of one kind; `examples` has 100 at most. */
export interface ReconciledRows<T = ReconciledRow> {
  readonly count: number;
  readonly examples: readonly T[];
}

/** A row that was published again above what a hand has written. */
export interface OverruledRow extends ReconciledRow {
  readonly newWriteTimeMicros: string;
  /** `topic:partition:offset` of the new record */
  readonly receipt: string;
}

/** Offsets that were judged: from `from` up to, and without, `to`, which the sink has passed. */
export interface ReconciledWindow {
  readonly partition: number;
  readonly from: string;
  readonly to: string;
}

/** What `POST /streams/:name/reconcile` answers: the table held against the log. */
export interface Reconciliation {
  /** names it in the audit, in the log and in the header of records it published */
  readonly id: string;
  readonly stream: string;
  readonly topic: string;
  readonly windows: readonly ReconciledWindow[];
  /** records in the windows */
  readonly records: number;
  /** of these, refused by the sink: they have a dead letter */
  readonly rejected: number;
  /** rows they are about */
  readonly keys: number;
  /** rows that a record is on its way to, or that were written while they were looked at */
  readonly pending: number;
  /** rows that a record past the retention of the topic may have written */
  readonly expired: number;
  readonly missing: ReconciledRows;
  readonly stale: ReconciledRows;
  readonly foreign: ReconciledRows;
  /** null unless it was asked for */
  readonly repair: { readonly repaired: number; readonly shadowed: ReconciledRows } | null;
  /** null unless it was asked for */
  readonly overruled: ReconciledRows<OverruledRow> | null;
  readonly seconds: number;
  /** records of the windows over all of the time it took */
  readonly recordsPerSecond: number;
}
