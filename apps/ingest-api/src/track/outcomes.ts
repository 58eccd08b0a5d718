import type { DeadLetterRepository, LetterPosition } from '@orderstream/cassandra';
import type { Segment } from '@orderstream/contracts';
import type { Committed, CommittedOffsets } from './committed-offsets.js';

/** What the sink has done with the rows of a job. Rows that were not passed yet are pending. */
export interface Outcome {
  /** published rows the group has passed: stored or rejected */
  readonly passed: number;
  readonly rejectedInSink: number;
  readonly rejectedByCode: ReadonlyMap<string, number>;
}

/** Number of the segments' records that lie below the committed offsets of their partitions. */
export function passedOf(segments: readonly Segment[], committed: Committed): number {
  let passed = 0;
  for (const { topic, partition, base, count } of segments) {
    const next = committed.get(topic)?.get(partition) ?? 0n;
    const inside = next - BigInt(base);
    passed += inside <= 0n ? 0 : Math.min(count, Number(inside));
  }
  return passed;
}

/** Letters an operator has closed or repaired are no longer rejections. */
export const REJECTED_STATES: ReadonlySet<LetterPosition['state']> = new Set([
  'open',
  'redriven',
  'parked',
  'discarded',
]);

/** True while the letter says that its record is not stored. */
export const isRejection = ({ state }: Pick<LetterPosition, 'state'>): boolean => REJECTED_STATES.has(state);

/** Reads the fate of a job's rows from the group's offsets and the dead letters; nothing is written per good row. */
export class Outcomes {
  constructor(
    private readonly offsets: CommittedOffsets,
    private readonly letters: DeadLetterRepository,
    private readonly flow: { readonly drainRate: number },
  ) {}

  get drainRate(): number {
    return this.flow.drainRate;
  }

  /** Rejects as Kafka or Cassandra did. */
  async read(jobId: string, segments: readonly Segment[]): Promise<Outcome> {
    const committed = await this.offsets.latest();
    const passed = passedOf(segments, committed);
    const rejectedByCode = new Map<string, number>();
    let rejectedInSink = 0;
    if (passed > 0) {
      for await (const letters of this.letters.positionsOfJob(jobId)) {
        for (const letter of letters) {
          if (!isRejection(letter) || !isPassed(letter, segments, committed)) continue;
          rejectedInSink++;
          rejectedByCode.set(letter.code, (rejectedByCode.get(letter.code) ?? 0) + 1);
        }
      }
    }
    return { passed, rejectedInSink, rejectedByCode };
  }
}

/** A letter counts once its record is committed, and only where it lies in what Kafka acknowledged for this job. */
function isPassed(letter: LetterPosition, segments: readonly Segment[], committed: Committed): boolean {
  const offset = BigInt(letter.offset);
  if (offset >= (committed.get(letter.topic)?.get(letter.partition) ?? 0n)) return false;
  return segments.some(({ topic, partition, base, count }) => {
    const inside = offset - BigInt(base);
    return topic === letter.topic && partition === letter.partition && inside >= 0n && inside < BigInt(count);
  });
}
