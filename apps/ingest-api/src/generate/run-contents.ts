import type { FoundRecord } from '@orderstream/cassandra';
import { isPresented, textOfValue, type CompiledStream, type Row, type RowGenerator } from '@orderstream/streams';
import type { RunLedger } from './run-ledger.js';

/** The contents of a run's orders, made again from its seed, and held against rows of the table. */
export class RunContents {
  private readonly isKey: readonly boolean[];
  private readonly idColumns: readonly number[];

  constructor(
    private readonly stream: CompiledStream,
    private readonly generator: RowGenerator,
  ) {
    const { primaryKey, orderId } = stream.definition;
    const keys = new Set([...primaryKey.partition, ...primaryKey.clustering.map(({ field }) => field)]);
    this.isKey = stream.columns.map(({ name }) => keys.has(name));
    const ids = orderId === undefined ? keys : new Set([orderId]);
    this.idColumns = stream.columns.flatMap(({ name }, column) => (ids.has(name) ? [column] : []));
  }

  /** What people call the order by: its order id, or its primary key on streams that have none. */
  idOf(order: number): string {
    const row = this.soundRow(order);
    return this.idColumns.map((column) => textOfValue(this.stream.columns[column]!.type, row[column])).join(' ');
  }

  /** The same, of a row in the table. */
  idIn(record: FoundRecord['record']): string {
    return this.idColumns.map((column) => String(record[this.stream.columns[column]!.name] as string)).join(' ');
  }

  /** Whether a row of the table has the primary key of the order. */
  hasKeyOf(order: number, { record }: FoundRecord): boolean {
    const row = this.soundRow(order);
    return this.stream.columns.every(
      ({ name, type }, column) => !this.isKey[column] || isPresented(type, row[column], record[name]),
    );
  }

  /** Whether the row has, in every column, what the newest record that set it wrote: an unset value leaves the old one. */
  agrees(newest: number, ledger: RunLedger, { record }: FoundRecord): boolean {
    const expected = this.derivedRow(newest);
    for (let index = ledger.before(newest); index >= 0 && expected.includes(undefined); index = ledger.before(index)) {
      const older = this.derivedRow(index);
      for (let column = 0; column < expected.length; column++) expected[column] ??= older[column];
    }
    return this.stream.columns.every(({ name, type }, column) => isPresented(type, expected[column], record[name]));
  }

  /** µs: when the record is written, on streams that take that from a field */
  writeTimeOf(index: number): bigint | undefined {
    // Of the sound row: a planted fault may have left the field out.
    const micros = this.stream.writeTimeOf?.(this.generator.soundRow(index));
    return micros === undefined ? undefined : BigInt(micros);
  }

  /** Derived columns may be of the key. */
  private soundRow(order: number): Row {
    const row = this.generator.soundRow(order);
    this.stream.derive(row);
    return row;
  }

  private derivedRow(index: number): Row {
    const row = this.generator.row(index);
    this.stream.derive(row);
    return row;
  }
}
