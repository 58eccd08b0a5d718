import type { StoppedPartition } from '@orderstream/kafka';
import { transformRecord, type CompiledStream } from '@orderstream/streams';
import type { Refusal } from './dead-letter.js';

/** The refusal of a record that an operator skips, and at which its partition had stopped (`why`); undefined when the partition did not stop at a record. */
export function skippedRecord(stream: CompiledStream, stopped: StoppedPartition, why: string): Refusal | undefined {
  const { topic, partition, record } = stopped;
  if (!record) return undefined;
  const reason = `skipped by an operator; its partition had stopped at it: ${why}`;
  const { origin } = transformRecord(stream, record);
  return { stream: stream.name, topic, partition, record, stage: 'write', fault: { code: 'skipped', reason }, origin };
}
