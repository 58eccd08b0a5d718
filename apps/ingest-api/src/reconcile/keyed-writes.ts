import type { KafkaRecord } from '@orderstream/kafka';
import {
  LastJob,
  NO_SCHEMAS,
  transformRecord,
  type CompiledStream,
  type SchemaLookup,
  type Value,
  type Write,
} from '@orderstream/streams';
import { KeyFold, type RecordPlace } from './key-fold.js';
import type { LetteredPlaces } from './lettered-places.js';

/** A record that was stored, or should be, with the key of its row. */
export interface KeyedWrite {
  readonly key: readonly Value[];
  /** equal for equal keys */
  readonly keyText: string;
  readonly write: Write;
  readonly by: RecordPlace;
  /** It has a dead letter: the row is not made of it, even though it may have been stored before the letter was. */
  readonly isLettered: boolean;
}

/** Reads records as the sink does. */
export class KeyedWrites {
  private readonly keyColumns: readonly number[];
  private readonly cellColumns: readonly number[];

  /**
   * `lettered`: places of records that were refused, whether or not they can be read now. `schemas` knows what the
   * records name, see `LogScan`.
   */
  constructor(
    readonly stream: CompiledStream,
    private readonly lettered: Pick<LetteredPlaces, 'has'>,
    private readonly schemas: SchemaLookup = NO_SCHEMAS,
  ) {
    const { partition, clustering } = stream.definition.primaryKey;
    const names = [...partition, ...clustering.map(({ field }) => field)];
    this.keyColumns = names.map((name) => stream.columns.findIndex((column) => column.name === name));
    this.cellColumns = stream.columns.map((_, c) => c).filter((c) => !this.keyColumns.includes(c));
  }

  /** Undefined for a record that the sink refuses. */
  read(partition: number, record: KafkaRecord): KeyedWrite | undefined {
    const write = transformRecord(this.stream, record, new LastJob(), this.schemas);
    if (write.kind === 'refused') return undefined;
    const key = write.kind === 'delete' ? write.key : this.keyColumns.map((c) => write.row[c]);
    const bytes = (record.key?.length ?? 0) + (record.value?.length ?? 0);
    const by = { writeTime: write.origin.writeTimeMicros, partition, offset: record.offset, bytes };
    const isLettered = this.lettered.has(partition, record.offset);
    return { key, keyText: key.join('\u0000'), write, by, isLettered };
  }

  foldOf(key: readonly Value[]): KeyFold {
    return new KeyFold(key, this.cellColumns);
  }
}

export const placeId = (partition: number, offset: string): string => `${partition}:${offset}`;
