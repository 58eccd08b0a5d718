import type { Overrule, OverruleRepository } from '@orderstream/cassandra';
import { CONTENT_TYPE_JSON, HEADER, type OverruledRow, type RowFault } from '@orderstream/contracts';
import { partitionOf, type OutMessage, type PartitionProducer } from '@orderstream/kafka';
import type { Log } from '@orderstream/observability';
import type { CompiledStream, Row } from '@orderstream/streams';
import { tooLarge } from '../publish/encode-row.js';
import type { ValueEncoding } from '../publish/value-encoding.js';
import { reconciledRow } from './findings.js';
import { orBrokerFailed } from './log-scan.js';
import type { WrongRow, Written } from './mend-batches.js';

/** A record whose write time is further ahead of its own is refused by the sink. */
const MOST_AHEAD_MICROS = 86_400_000_000n;

export interface OverruleParts {
  readonly producer: PartitionProducer;
  readonly audit: Pick<OverruleRepository, 'add'>;
  readonly log: Log;
  readonly values: Pick<ValueEncoding, 'of'>;
  readonly publishTimeoutMs: number;
}

/** Publishes rows again, as the log has them, with a write time above what somebody wrote or deleted by hand. */
export class Overruling {
  constructor(
    private readonly parts: OverruleParts,
    private readonly stream: CompiledStream,
    private readonly id: string,
  ) {}

  /**
   * The new record, in the audit first and then acknowledged by Kafka; undefined where a hand has written more than a
   * day ahead, or the record would be too large. Throws `broker_unavailable`; rejects as the audit does.
   */
  async overrule(row: WrongRow, written: readonly Written[]): Promise<OverruledRow | undefined> {
    if (written.length < row.suspect.fold.writers.length)
      return this.leave(row, 'its records are past their retention');
    if (this.stream.writeTimeOf)
      return this.leave(row, 'the time of a field decides about its rows, and no record can be newer than that says');
    const writeTime = this.writeTimeAbove(row);
    if (writeTime === undefined) return undefined;
    const message = this.messageOf(row, written, writeTime);
    if ('code' in message) return this.leave(row, `it can have no record: ${message.reason}`);
    const told = reconciledRow(this.stream, row.suspect.fold, row.fault);
    const { audit, log } = this.parts;
    await audit.add(this.auditOf(row, writeTime));
    const receipt = await orBrokerFailed(() => this.publish(message));
    const overruled = { ...told, newWriteTimeMicros: String(writeTime), receipt };
    log.warn({ reconciliation: this.id, fault: row.fault.kind, ...overruled }, 'a row was overruled');
    return overruled;
  }

  private async publish(message: OutMessage): Promise<string> {
    const { producer, publishTimeoutMs } = this.parts;
    const { topic } = this.stream;
    const partition = partitionOf(String(message.key), await producer.partitionCount(topic));
    const signal = AbortSignal.timeout(publishTimeoutMs);
    const { baseOffset } = await producer.send(topic, partition, [message], { signal });
    return `${topic}:${partition}:${baseOffset}`;
  }

  /**
   * Just above what was found, or the time at which the log was read where that is later: a deletion has no write time
   * that could be read. An update that was sent since then is newer and wins; so are the rows of jobs that were under way
   * then, or can be gone on with: below them, or not at all.
   */
  private writeTimeAbove(row: WrongRow): bigint | undefined {
    const { asOfMicros: now, openBase } = row.suspect.log;
    const newest = (row.found?.cells ?? []).reduce<bigint>((most, time) => ((time ?? 0n) > most ? time! : most), 0n);
    if (openBase !== undefined && openBase <= newest + 1n)
      return this.leave(
        row,
        'an upload or a run that began before it was written by hand is under way, or can be gone on with',
      );
    if (openBase !== undefined && openBase <= BigInt(now)) return openBase - 1n;
    const writeTime = newest >= BigInt(now) ? newest + 1n : BigInt(now);
    if (writeTime < BigInt(now) + MOST_AHEAD_MICROS) return writeTime;
    return this.leave(row, 'it was written by hand more than a day ahead of now');
  }

  private leave(row: WrongRow, reason: string): undefined {
    const told = reconciledRow(this.stream, row.suspect.fold, row.fault);
    this.parts.log.warn({ reconciliation: this.id, ...told, reason }, 'a row could not be overruled');
    return undefined;
  }

  private auditOf({ suspect, fault }: WrongRow, writeTime: bigint): Overrule {
    const { key, partition, offset } = reconciledRow(this.stream, suspect.fold, fault);
    return {
      stream: this.stream.name,
      day: new Date(Number(writeTime / 1000n)).toISOString().slice(0, 10),
      newWriteTimeMicros: writeTime,
      recordKey: JSON.stringify(key),
      reconciliationId: this.id,
      fault: fault.kind,
      topic: this.stream.topic,
      partition,
      offset,
      expectedWriteTimeMicros: BigInt(suspect.fold.decider!.writeTime),
      foundWriteTimeMicros: fault.found,
    };
  }

  /** Job and row stay, so that the row still says which line it came from; no count of that job changes. */
  private messageOf(row: WrongRow, written: readonly Written[], writeTime: bigint): OutMessage | RowFault {
    const { fold } = row.suspect;
    const decider = written.find(({ by }) => isSame(by, fold.decider!));
    const { jobId, jobRow } = decider?.write.origin ?? {};
    const headers: Record<string, string> = {
      [HEADER.contentType]: CONTENT_TYPE_JSON,
      [HEADER.writeTime]: String(writeTime),
      [HEADER.overrules]: this.id,
      ...(jobId !== undefined && { [HEADER.job]: jobId }),
      ...(jobRow !== undefined && { [HEADER.row]: String(jobRow) }),
    };
    const values = this.rowOf(row, written);
    if (!fold.isPresent) return { key: this.stream.keyOf(values), value: null, headers };
    if (values.includes(null)) headers[HEADER.blank] = 'clear';
    const encoded = this.parts.values.of(this.stream).encode(values);
    if ('code' in encoded) return encoded;
    headers[HEADER.contentType] = encoded.contentType;
    const message = { key: this.stream.keyOf(values), value: encoded.value, headers };
    return tooLarge(message) ?? message;
  }

  /** The row that the log makes; what it has no value for and a hand has written is cleared. Derived fields are the sink's. */
  private rowOf({ suspect: { fold }, found }: WrongRow, written: readonly Written[]): Row {
    let nextCell = 0;
    return this.stream.columns.map((column, c) => {
      const position = this.keyPosition(column.name);
      if (position >= 0) return fold.key[position];
      const cell = nextCell++;
      if (column.derived) return undefined;
      const writer = fold.writerOf(cell);
      if (writer === undefined) return found?.cells[cell] === undefined || column.required ? undefined : null;
      const by = written.find((each) => isSame(each.by, writer));
      return by?.write.kind === 'upsert' ? by.write.row[c] : undefined;
    });
  }

  private keyPosition(name: string): number {
    const { partition, clustering } = this.stream.definition.primaryKey;
    return [...partition, ...clustering.map(({ field }) => field)].indexOf(name);
  }
}

const isSame = (one: Written['by'], other: Written['by']): boolean =>
  one.partition === other.partition && one.offset === other.offset;
