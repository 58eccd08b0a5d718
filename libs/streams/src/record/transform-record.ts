import type { FaultStage, RowFault } from '@orderstream/contracts';
import { readKey } from '../compile-stream.js';
import { RowFaults, type CompiledStream, type Row, type Value } from '../stream.js';
import { decodeValue } from './decode-value.js';
import { NO_SCHEMAS, type SchemaLookup } from './known-schema.js';
import { LastJob, readBlank, readOrigin, readPlace, rowTimeFault, type Origin, type OriginSource } from './origin.js';

/** A record as the consumer hands it on: raw bytes and a way to read its headers. */
export interface SourceRecord extends OriginSource {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** The write one record asks for. `key` is the whole primary key, partition columns first. */
export type Write =
  | { readonly kind: 'upsert'; readonly row: Row; readonly origin: Origin }
  | { readonly kind: 'delete'; readonly key: readonly Value[]; readonly origin: Origin };

/** What is to be done with one record. */
export type Transformed = Write | Refused;

/** Why a record is never stored, and its origin as far as it could be read. */
export interface Refused {
  readonly kind: 'refused';
  readonly stage: FaultStage;
  readonly fault: RowFault;
  readonly origin: Partial<Origin>;
}

/**
 * One record of a stream → the write it asks for, or why it is refused for good. Pure but for `lastJob`, which the records
 * of a batch may share; never throws. `schemas` knows the ids that the records name, see `schemaIdOf`.
 */
export function transformRecord(
  stream: CompiledStream,
  record: SourceRecord,
  lastJob = new LastJob(),
  schemas: SchemaLookup = NO_SCHEMAS,
): Transformed {
  const place = readPlace(record, lastJob);
  const origin = readOrigin(record, place);
  if ('code' in origin)
    return { kind: 'refused', stage: 'decode', fault: origin, origin: { jobId: place.jobId, jobRow: place.jobRow } };
  const blank = readBlank(record);
  if ('code' in blank) return { kind: 'refused', stage: 'decode', fault: blank, origin };
  if (record.value === null) return tombstone(stream, record, origin);
  const decoded = decodeValue(record.value, schemas);
  if (decoded.kind === 'fault') return { kind: 'refused', stage: 'decode', fault: decoded.fault, origin };
  const row = blank.clears ? stream.readJsonClearing(decoded.value) : stream.readJson(decoded.value);
  if (row instanceof RowFaults) return { kind: 'refused', stage: 'transform', fault: row.faults[0], origin };
  const mismatch = stream.derive(row);
  if (mismatch) return { kind: 'refused', stage: 'transform', fault: mismatch.faults[0], origin };
  return stream.writeTimeOf === undefined ? { kind: 'upsert', row, origin } : timed(stream, record, row, origin);
}

/** The write of a row whose own field says at which time it is written. */
function timed(stream: CompiledStream, record: SourceRecord, row: Row, origin: Origin): Transformed {
  const writeTimeMicros = stream.writeTimeOf!(row);
  const fault = rowTimeFault(writeTimeMicros, stream.definition.writeTimeFrom!, Number(record.timestamp));
  if (fault) return { kind: 'refused', stage: 'transform', fault, origin };
  return { kind: 'upsert', row, origin: { ...origin, writeTimeMicros, sentMicros: origin.writeTimeMicros } };
}

function tombstone(stream: CompiledStream, record: SourceRecord, origin: Origin): Transformed {
  if (stream.takesTombstones && record.key !== null && record.key.length > 0) {
    const row = readKey(stream, record.key.toString('utf8'));
    if (row instanceof RowFaults) return { kind: 'refused', stage: 'decode', fault: row.faults[0], origin };
    return { kind: 'delete', key: row.filter((value) => value !== undefined), origin };
  }
  const reason = stream.takesTombstones
    ? 'a null value without a message key deletes nothing'
    : stream.definition.writeTimeFrom !== undefined
      ? `stream ${stream.name} writes at the time of a field, and a null value has none`
      : `stream ${stream.name} has another message key than primary key, so a null value names no row`;
  return { kind: 'refused', stage: 'decode', fault: { code: 'tombstone_not_supported', reason }, origin };
}
