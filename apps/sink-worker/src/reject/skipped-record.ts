import type { StoppedPartition } from '@orderstream/kafka';
import { transformRecord, type CompiledStream } from '@orderstream/streams';
import { stopReasonOf } from '../consume/stop-reason.js';
import type { Refusal } from './dead-letter.js';

/** The refusal of a record that an operator skips; undefined when the partition did not stop at a record. */
export function skippedRecord(stream: CompiledStream, stopped: StoppedPartition): Refusal | undefined {
  const { topic, partition, record } = stopped;
  if (!record) return undefined;
  const reason = `skipped by an operator; its partition had stopped at it: ${stopReasonOf(stopped)}`;
  const { origin } = transformRecord(stream, record);
  return { stream: stream.name, topic, partition, record, stage: 'write', fault: { code: 'skipped', reason }, origin };
}
