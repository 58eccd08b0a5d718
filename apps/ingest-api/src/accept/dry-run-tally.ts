import { columnOfCause, type RowFault, type RowFaultCode } from '@orderstream/contracts';
import { partitionOf } from '@orderstream/kafka';
import type { CompiledStream, Row } from '@orderstream/streams';
import { encodeRow } from '../publish/encode-row.js';
import type { RowEncoder } from '../publish/value-encoding.js';
import { KeyCounts, KeySample } from './dry-run-keys.js';
import type { RowBatch } from './row-batch.js';

const EXAMPLES = 3;
const MAX_GROUPS = 200;
const MAX_VALUE_LENGTH = 200;
/** As long as those of a job, so that a row is too large here exactly when it is too large there. */
const JOB_ID = '00000000-0000-0000-0000-000000000000';
const WRITE_TIME_MICROS = 1_000_000_000_000_000;

/** Rows refused for the same reason, by the first thing that is wrong with each, as a job counts them. */
export interface RejectGroup {
  readonly code: RowFaultCode;
  readonly column: string | null;
  rows: number;
  /** the first three; `line` is an index in a JSON array */
  readonly examples: { readonly line: number; readonly value: string | null; readonly reason: string }[];
}

export interface BlankColumn {
  readonly column: string;
  /** rows that leave the value that may be stored under their key as it is */
  readonly keep: number;
  /** rows that clear it */
  readonly clear: number;
}

/** Counts what would become of the rows of one body. Bounded in memory, whatever the body. */
export class DryRunTally {
  readonly keys = new KeyCounts();
  private readonly stream: CompiledStream;
  readonly sample: KeySample;
  readonly rowsByPartition: number[];
  accepted = 0;
  rejected = 0;
  private readonly groups = new Map<string, RejectGroup>();
  private readonly kept: number[];
  private readonly cleared: number[];

  constructor(
    private readonly encoder: RowEncoder,
    partitions: number,
  ) {
    this.stream = encoder.stream;
    this.sample = new KeySample(this.stream);
    this.rowsByPartition = Array<number>(partitions).fill(0);
    this.kept = this.stream.columns.map(() => 0);
    this.cleared = this.stream.columns.map(() => 0);
  }

  add({ rows, rowNumbers, rejects }: RowBatch): void {
    for (const { row, faults } of rejects) this.reject(row, faults[0]!);
    for (let i = 0; i < rows.length; i++) this.row(rows[i]!, rowNumbers[i]!);
  }

  get rejects(): RejectGroup[] {
    return [...this.groups.values()].sort((a, b) => b.rows - a.rows);
  }

  get rejectedByCode(): Record<string, number> {
    const byCode: Record<string, number> = {};
    for (const { code, rows } of this.groups.values()) byCode[code] = (byCode[code] ?? 0) + rows;
    return byCode;
  }

  /** Columns that an accepted row leaves blank; derived ones follow their inputs. */
  get blanks(): BlankColumn[] {
    return this.stream.columns
      .map(({ name, derived }, c) => ({ column: name, derived, keep: this.kept[c]!, clear: this.cleared[c]! }))
      .filter(({ derived, keep, clear }) => !derived && keep + clear > 0)
      .map(({ column, keep, clear }) => ({ column, keep, clear }));
  }

  /** Does any accepted row have a value for that column? */
  isGiven(column: number): boolean {
    return this.kept[column]! < this.accepted;
  }

  private row(row: Row, line: number): void {
    const message = encodeRow(this.encoder, row, { jobId: JOB_ID, row: line, writeTimeMicros: WRITE_TIME_MICROS });
    if ('code' in message) return this.reject(line, message);
    const key = this.stream.keyOf(row);
    this.accepted++;
    this.rowsByPartition[partitionOf(key, this.rowsByPartition.length)]!++;
    this.keys.add(key);
    this.sample.offer(row);
    for (let c = 0; c < row.length; c++) {
      if (row[c] === undefined) this.kept[c]!++;
      else if (row[c] === null) this.cleared[c]!++;
    }
  }

  private reject(line: number, { code, column, value, reason }: RowFault): void {
    this.rejected++;
    const group = this.groupOf(code, column === undefined ? null : columnOfCause(column));
    group.rows++;
    if (group.examples.length < EXAMPLES)
      group.examples.push({ line, value: value?.slice(0, MAX_VALUE_LENGTH) ?? null, reason });
  }

  /** Columns beyond the bound, which only `extra=reject` can bring, are counted without their names. */
  private groupOf(code: RowFaultCode, column: string | null): RejectGroup {
    const name = JSON.stringify([code, column]);
    const known = this.groups.get(name);
    if (known) return known;
    if (this.groups.size >= MAX_GROUPS && column !== null) return this.groupOf(code, null);
    const group: RejectGroup = { code, column, rows: 0, examples: [] };
    this.groups.set(name, group);
    return group;
  }
}
