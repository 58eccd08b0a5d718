import type { ReconciledRow, ReconciledRows } from '@orderstream/contracts';
import { cellsOf } from '@orderstream/cassandra';
import { presentValue, type CompiledStream } from '@orderstream/streams';
import type { KeyFold } from './key-fold.js';
import type { Verdict } from './row-verdict.js';

export const MAX_EXAMPLES = 100;

/** A verdict that something is wrong. */
export type Fault = Extract<Verdict, { readonly cell: number | undefined }>;

/** Counts rows of one kind and keeps the first of them. */
export class RowTally<T = ReconciledRow> {
  private counted = 0;
  private readonly kept: T[] = [];

  add(row: T): void {
    this.counted++;
    if (this.kept.length < MAX_EXAMPLES) this.kept.push(row);
  }

  get count(): number {
    return this.counted;
  }

  get rows(): ReconciledRows<T> {
    return { count: this.counted, examples: this.kept };
  }
}

/** The row as the answer tells it. */
export function reconciledRow(stream: CompiledStream, fold: KeyFold, fault: Fault): ReconciledRow {
  const { definition, topic } = stream;
  const { partition, clustering } = definition.primaryKey;
  const names = [...partition, ...clustering.map(({ field }) => field)];
  const typeOf = (name: string) => stream.columns.find((column) => column.name === name)!.type;
  const values = names.map((name, k) => [name, presentValue(typeOf(name), fold.key[k]) ?? null] as const);
  const { partition: at, offset, writeTime } = fold.decider!;
  const expected = fault.cell === undefined ? writeTime : (fold.expected(fault.cell) ?? writeTime);
  return {
    key: Object.fromEntries(values),
    topic,
    partition: at,
    offset,
    expectedWriteTimeMicros: String(expected),
    foundWriteTimeMicros: fault.found === undefined ? null : String(fault.found),
    column: fault.cell === undefined ? null : cellsOf(definition)[fault.cell]!,
  };
}
