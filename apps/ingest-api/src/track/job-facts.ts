import type { StoredJob } from '@orderstream/cassandra';
import type { JobFailure, JobKind, JobState, Segment } from '@orderstream/contracts';
import type { RunningJob } from './running-job.js';

/** What a view is made of, whether the job is in memory or in the table. */
export interface JobFacts {
  readonly id: string;
  readonly kind: JobKind;
  readonly stream: string;
  readonly state: JobState;
  readonly sourceName: string;
  readonly sourceBytes: number;
  readonly sourceSha256: string | null;
  readonly accepted: number;
  readonly published: number;
  readonly rejectedAtDoor: number;
  readonly rejectedByCode: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  readonly failure: JobFailure | null;
  readonly createdAtMs: number;
  readonly publishedAtMs: number | null;
  readonly settledAtMs: number | null;
  /** settled counts, null before that; of a job reopened by a repair those that stand, and the outcome adds to them */
  readonly stored: number | null;
  readonly rejectedInSink: number | null;
}

/** Of an orphan, whose process could not write down why. */
const PROCESS_LOST: JobFailure = {
  code: 'process_lost',
  detail:
    'the process that received it is gone; what it had published is stored. Send the same file under the same ' +
    'Idempotency-Key, and it goes on where it stood',
};

const REDRIVE_LOST: JobFailure = {
  code: 'process_lost',
  detail: 'the process that worked on it is gone; the redrive goes on by itself as soon as an API looks',
};

const RECEIVING = { state: 'receiving', failure: null, publishedAtMs: null } as const;

/** Of a job in the table; `state` is what it is in now, which its row may not know yet. */
export const factsOfStored = (job: StoredJob, state: JobState): JobFacts => ({
  ...job,
  state,
  failure: failureOf(job, state),
});

function failureOf({ kind, failure }: StoredJob, state: JobState): JobFailure | null {
  if (failure !== null) return JSON.parse(failure) as JobFailure;
  if (state !== 'interrupted') return null;
  return kind === 'redrive' ? REDRIVE_LOST : PROCESS_LOST;
}

/**
 * Of a job in memory. It is as it was written down last, so that what was accepted never becomes less when the process dies
 * or another one is asked. Only when its end cannot be written down, its sender is told of every row that Kafka has taken.
 */
export function factsOfRunning(running: RunningJob): {
  readonly facts: JobFacts;
  readonly segments: readonly Segment[];
} {
  const { job, isTold } = running;
  const { state, source, failure, publishedAtMs } = isTold ? running : { ...running, ...RECEIVING };
  const { published, rejectedAtDoor, rejectedByCode, segments } = isTold ? job : running.saver.saved;
  const facts: JobFacts = {
    id: job.id,
    kind: job.kind,
    stream: job.stream,
    sourceName: job.sourceName,
    createdAtMs: job.createdAt.getTime(),
    state,
    sourceBytes: source.bytes,
    sourceSha256: source.sha256,
    accepted: published,
    published,
    rejectedAtDoor,
    rejectedByCode,
    warnings: [...job.warnings],
    failure,
    publishedAtMs,
    settledAtMs: null,
    stored: null,
    rejectedInSink: null,
  };
  return { facts, segments: [...segments] };
}
