import { HEADER } from '@orderstream/contracts';
import type { KafkaRecord } from './record-batch.js';

/** A header's value as UTF-8 text, the last one where it is repeated; undefined when it is not there. */
export function headerText(record: Pick<KafkaRecord, 'headers'>, name: string): string | undefined {
  const value = record.headers?.[name];
  if (value === undefined) return undefined;
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  if (typeof value === 'string') return value;
  // kafkajs decodes a header without a value as null, against its own types.
  const last = value === null ? undefined : value[value.length - 1];
  return last?.toString();
}

/** uuid of the job, unchecked */
export const jobOf = (record: Pick<KafkaRecord, 'headers'>): string | undefined => headerText(record, HEADER.job);

/** row of the job, unchecked decimal text */
export const rowOf = (record: Pick<KafkaRecord, 'headers'>): string | undefined => headerText(record, HEADER.row);

/** CQL write time in µs, unchecked decimal text */
export const writeTimeOf = (record: Pick<KafkaRecord, 'headers'>): string | undefined =>
  headerText(record, HEADER.writeTime);
