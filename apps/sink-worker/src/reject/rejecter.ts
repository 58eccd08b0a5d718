import { classify } from '@orderstream/cassandra';
import { KafkaSendError, type RecordBatch } from '@orderstream/kafka';
import { withDeadline } from '@orderstream/resilience';
import type { CompiledStream } from '@orderstream/streams';
import type { Transformed } from '../transform/transform-record.js';
import type { RecordOutcome } from '../write/finished-prefix.js';
import type { WriteOutcome } from '../write/write-outcome.js';
import type { Refusal } from './dead-letter.js';
import type { DeadLetterWriter } from './dead-letter-writer.js';

const REJECTED: RecordOutcome = Object.freeze({ kind: 'rejected' });
/** one send to the dead-letter topic: at most so many letters and bytes */
const CHUNK_LETTERS = 100;
const CHUNK_BYTES = 512 * 1024;

type Refused = Extract<WriteOutcome, { kind: 'refused' }>;

interface Indexed {
  readonly index: number;
  readonly refusal: Refusal;
}

/** Turns every refusal, of the transform or of the store, into a dead letter before its record counts as finished. */
export class Rejecter {
  constructor(private readonly letters: DeadLetterWriter) {}

  /** The final outcome of each record. Letters that cannot be written within `remainingMs()` leave theirs waiting. */
  async settle(
    batch: RecordBatch,
    stream: CompiledStream,
    done: { readonly transformed: readonly Transformed[]; readonly written: readonly (WriteOutcome | undefined)[] },
    remainingMs: () => number,
  ): Promise<RecordOutcome[]> {
    const refused: Indexed[] = [];
    const outcomes = done.transformed.map((transformed, index): RecordOutcome => {
      const written = done.written[index];
      if (written !== undefined && written.kind !== 'refused') return written;
      refused.push({ index, refusal: refusalOf({ batch, stream, index }, transformed, written) });
      return { kind: 'waiting', reason: 'dead_letter_not_written' };
    });
    for (const chunk of chunksOf(refused)) {
      if (batch.isRevoked() || remainingMs() <= 0) break;
      const outcome = await this.reject(chunk, batch, remainingMs());
      for (const { index } of chunk) outcomes[index] = outcome;
      if (outcome !== REJECTED) break;
    }
    return outcomes;
  }

  private async reject(chunk: readonly Indexed[], batch: RecordBatch, ms: number): Promise<RecordOutcome> {
    const late = () => new LetterDeadlineError(ms);
    try {
      const refusals = chunk.map(({ refusal }) => refusal);
      await withDeadline(this.letters.write(refusals, AbortSignal.timeout(Math.ceil(ms))), ms, late);
      await batch.heartbeat().catch(() => undefined); // a revocation shows in batch.isRevoked()
      return REJECTED;
    } catch (error) {
      if (isTransient(error)) return { kind: 'waiting', reason: 'dead_letter_not_written' };
      return { kind: 'unknown', error };
    }
  }
}

class LetterDeadlineError extends Error {
  constructor(ms: number) {
    super(`dead letters were not acknowledged within ${Math.round(ms)} ms`);
  }
}

function isTransient(error: unknown): boolean {
  if (error instanceof LetterDeadlineError) return true;
  if (!(error instanceof KafkaSendError)) return classify(error).class === 'transient';
  return error.retriable || error.code === 'aborted';
}

function chunksOf(refused: readonly Indexed[]): Indexed[][] {
  const chunks: Indexed[][] = [];
  let bytes = Infinity;
  for (const item of refused) {
    const size = item.refusal.record.value?.length ?? 0;
    if (bytes + size > CHUNK_BYTES || chunks.at(-1)!.length >= CHUNK_LETTERS) {
      chunks.push([]);
      bytes = 0;
    }
    chunks.at(-1)!.push(item);
    bytes += size;
  }
  return chunks;
}

/** Why record `index` was refused: by its own transform, or else by the store. */
function refusalOf(
  at: { batch: RecordBatch; stream: CompiledStream; index: number },
  done: Transformed,
  written?: Refused,
): Refusal {
  const { batch, stream, index } = at;
  const base = { stream: stream.name, topic: batch.topic, partition: batch.partition, record: batch.records[index]! };
  if (done.kind === 'refused') return { ...base, stage: done.stage, fault: done.fault, origin: done.origin };
  if (written) return { ...base, stage: 'write', fault: written.fault, origin: done.origin };
  throw new Error(`record ${index} of ${batch.topic}-${batch.partition} has neither an outcome nor a fault`);
}
