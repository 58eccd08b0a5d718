import type { DeadLetterRepository, JobRepository, RecordTable, StoredJob } from '@orderstream/cassandra';
import { ProblemError, type SampledLatency, type VerifiedRun } from '@orderstream/contracts';
import { Limiter } from '@orderstream/resilience';
import type { CompiledStream, StreamRegistry } from '@orderstream/streams';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import { streamNamed } from '../problems/stream-named.js';
import { REJECTED_STATES } from '../track/outcomes.js';
import { generatorOf, type RunOptions } from './plan-run.js';
import { RunContents } from './run-contents.js';
import type { RunLatencies } from './run-latencies.js';
import { RunLedger } from './run-ledger.js';
import { RunVerdict } from './run-verdict.js';
import type { Runs, RunView } from './runs.js';

/** Records of a run that can be verified: 200 MB at ten bytes each. */
const MOST_RECORDS = 20_000_000;

export interface VerifierParts {
  readonly streams: StreamRegistry;
  readonly runs: Runs;
  readonly jobs: JobRepository;
  readonly letters: DeadLetterRepository;
  readonly tableByStream: ReadonlyMap<string, RecordTable>;
  readonly latencies: RunLatencies;
}

/**
 * Proves a run: reads the whole table of its stream, streaming, and compares it with what its seed makes. Memory is ten
 * bytes per record of the run and a few pages of rows, so a run of 1,000,000 takes 10 MB; one run at a time.
 */
export class RunVerifier {
  private readonly oneAtATime = new Limiter(1);

  constructor(private readonly parts: VerifierParts) {}

  /** Throws `run_not_found`, `run_in_progress` until the sink has passed every record, `run_too_large`, `store_unavailable`. */
  async verify(id: string): Promise<VerifiedRun> {
    const view = await this.parts.runs.view(id);
    if (view.settledAt === null) throw inProgress(view);
    if (view.counts.received > MOST_RECORDS) {
      throw new ProblemError('run_too_large', `run ${id} has more than ${MOST_RECORDS} records; verify a smaller one`);
    }
    return this.oneAtATime.run(() => orStoreUnavailable(() => this.prove(view)));
  }

  private async prove({ id, run }: RunView): Promise<VerifiedRun> {
    const { streams, jobs, tableByStream, latencies } = this.parts;
    const job = await jobs.find(id);
    if (!job) throw new ProblemError('run_not_found', `there is no run ${id}`);
    const stream = streamNamed(streams, run.stream);
    const generator = generatorOf(stream, run);
    const ledger = new RunLedger(generator, job.received, { withUpdates: run.updates > 0 });
    await this.noteRejections(id, ledger);
    await ledger.link();
    const verdict = new RunVerdict(verifiedRunOf(job, run), generator, ledger, new RunContents(stream, generator));
    await tableOf(stream, tableByStream).scan((records) => {
      for (const record of records) verdict.judge(record);
    });
    await verdict.close();
    return verificationOf(ledger, verdict, await latencies.of(id));
  }

  private async noteRejections(id: string, ledger: RunLedger): Promise<void> {
    for await (const letters of this.parts.letters.positionsOfJob(id)) {
      for (const { state, jobRow } of letters) {
        if (jobRow !== undefined && REJECTED_STATES.has(state)) ledger.reject(jobRow);
      }
    }
  }
}

/** Of a run that was cut off, records behind the last checkpoint may have gone out. */
const verifiedRunOf = (job: StoredJob, { count }: RunOptions) => ({
  jobId: job.id,
  writeTimeBase: job.writeTimeBase,
  certainUpTo: job.state === 'interrupted' && job.received !== count ? job.received : Infinity,
});

function tableOf({ name }: CompiledStream, tableByStream: ReadonlyMap<string, RecordTable>): RecordTable {
  const table = tableByStream.get(name);
  if (!table) throw new Error(`stream ${name} has no table`);
  return table;
}

function verificationOf(ledger: RunLedger, verdict: RunVerdict, latencyMs: SampledLatency | null): VerifiedRun {
  const { stored, lost, stale, different, unexpected, missingIds } = verdict;
  const { count: expected, rejected, planted } = ledger;
  const examples = { stale: verdict.staleIds, different: verdict.differentIds, unexpected: verdict.unexpectedIds };
  const counts = { expected, stored, rejected, planted, lost, stale, different, unexpected };
  return { ...counts, missing: missingIds, examples, latencyMs };
}

function inProgress({ id, state, counts, estimatedSeconds }: RunView): ProblemError {
  const what = state === 'receiving' ? 'is still being made' : `has ${counts.pending} records on their way`;
  return new ProblemError('run_in_progress', `run ${id} ${what}; verify it once it is stored`, {
    retryAfterSeconds: Math.min(60, Math.max(1, Math.ceil(estimatedSeconds ?? 1))),
  });
}
