import { classify } from '@orderstream/cassandra';
import { KafkaSendError, type RecordBatch } from '@orderstream/kafka';
import { withDeadline } from '@orderstream/resilience';
import { transformRecord, type CompiledStream, type Refused } from '@orderstream/streams';
import type { RefusedByIndex } from '../write/bind-statements.js';
import type { RecordOutcome } from '../write/finished-prefix.js';
import type { WriteOutcome } from '../write/write-outcome.js';
import type { Refusal } from './dead-letter.js';
import type { DeadLetterWriter } from './dead-letter-writer.js';

const REJECTED: RecordOutcome = Object.freeze({ kind: 'rejected' });
/** one send to the dead-letter topic: at most so many letters and bytes */
const CHUNK_LETTERS = 100;
const CHUNK_BYTES = 512 * 1024;

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
    done: { readonly refused: RefusedByIndex; readonly written: readonly WriteOutcome[] },
    remainingMs: () => number,
  ): Promise<RecordOutcome[]> {
    const letters: Indexed[] = [];
    const outcomes = done.written.map((written, index): RecordOutcome => {
      const refused = done.refused.get(index) ?? refusedByStore(written, batch, stream, index);
      if (refused === undefined) return written as Exclude<WriteOutcome, { kind: 'refused' }>;
      letters.push({ index, refusal: refusalOf(batch, stream, index, refused) });
      return { kind: 'waiting', reason: 'dead_letter_not_written' };
    });
    for (const chunk of chunksOf(letters)) {
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

/** The origin is read once more: it was not kept for the many that are stored. */
function refusedByStore(
  written: WriteOutcome,
  batch: RecordBatch,
  stream: CompiledStream,
  index: number,
): Refused | undefined {
  if (written.kind !== 'refused') return undefined;
  const { origin } = transformRecord(stream, batch.records[index]!);
  return { kind: 'refused', stage: 'write', fault: written.fault, origin };
}

const refusalOf = (batch: RecordBatch, stream: CompiledStream, index: number, refused: Refused): Refusal => ({
  stream: stream.name,
  topic: batch.topic,
  partition: batch.partition,
  record: batch.records[index]!,
  stage: refused.stage,
  fault: refused.fault,
  origin: refused.origin,
});
