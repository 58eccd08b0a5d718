import type { DeadLetterRepository, FoundRecord, JobRepository, RecordTable } from '@orderstream/cassandra';
import { ProblemError, type SampledLatency, type VerifiedRun } from '@orderstream/contracts';
import type { CompiledStream, RowGenerator, StreamRegistry } from '@orderstream/streams';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import { streamNamed } from '../problems/stream-named.js';
import { acknowledgedThrough } from '../track/active-job.js';
import { REJECTED_STATES } from '../track/outcomes.js';
import { generatorOf } from './plan-run.js';
import { ProofQueue } from './proof-queue.js';
import { RunContents } from './run-contents.js';
import { acknowledgedPart, wholeRun, type RunExtent } from './run-extent.js';
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
  private readonly proofs = new ProofQueue<VerifiedRun>();

  constructor(private readonly parts: VerifierParts) {}

  /**
   * Throws `run_not_found`, `run_in_progress` until the sink has passed every record, `run_too_large`,
   * `too_many_requests`, `store_unavailable`, and the signal's reason: a proof that nobody waits for ends.
   */
  async verify(id: string, signal: AbortSignal): Promise<VerifiedRun> {
    const view = await this.parts.runs.view(id);
    if (view.settledAt === null) throw inProgress(view);
    const prove = (stopped: AbortSignal) => orStoreUnavailable(() => this.prove(view, stopped));
    return this.proofs.run(view.id, prove, signal);
  }

  /** Ends what is under way; its callers get `shutting_down`. */
  stop(): Promise<void> {
    return this.proofs.close();
  }

  private async prove(view: RunView, signal: AbortSignal): Promise<VerifiedRun> {
    const { streams, jobs, tableByStream, latencies } = this.parts;
    const { id, run } = view;
    const job = await jobs.find(id);
    if (!job) throw new ProblemError('run_not_found', `there is no run ${id}`);
    const stream = streamNamed(streams, run.stream);
    const generator = generatorOf(stream, run);
    const extent = extentOf(view, stream, generator);
    const ledger = new RunLedger(generator, extent, { withUpdates: run.updates > 0 });
    await this.noteRejections(id, ledger, signal);
    await ledger.link(signal);
    const isUnmarked = stream.definition.lineage === false;
    const about = { jobId: id, writeTimeBase: job.writeTimeBase, extent, isUnmarked };
    const verdict = new RunVerdict(about, generator, ledger, new RunContents(stream, generator));
    const judgeAll = (records: readonly FoundRecord[]): void => {
      for (const record of records) verdict.judge(record);
    };
    await tableOf(stream, tableByStream).scan(judgeAll, { signal });
    await verdict.close();
    return verificationOf(ledger, verdict, await latencies.of(id));
  }

  private async noteRejections(id: string, ledger: RunLedger, signal: AbortSignal): Promise<void> {
    for await (const letters of this.parts.letters.positionsOfJob(id)) {
      signal.throwIfAborted();
      for (const { state, jobRow } of letters) {
        if (jobRow !== undefined && REJECTED_STATES.has(state)) ledger.reject(jobRow);
      }
    }
  }
}

/** Throws `run_too_large`. Of a run that was cut off, records beyond the acknowledged ones may have gone out. */
function extentOf(
  { id, run, state, counts, segments }: RunView,
  stream: CompiledStream,
  generator: RowGenerator,
): RunExtent {
  const isCutOff = state === 'interrupted' && counts.published !== run.count;
  const extent = isCutOff
    ? acknowledgedPart(stream, generator, run.partitions, acknowledgedThrough(segments))
    : wholeRun(counts.published);
  if (extent.span <= MOST_RECORDS) return extent;
  throw new ProblemError('run_too_large', `run ${id} has more than ${MOST_RECORDS} records; verify a smaller one`);
}

function tableOf({ name }: CompiledStream, tableByStream: ReadonlyMap<string, RecordTable>): RecordTable {
  const table = tableByStream.get(name);
  if (!table) throw new Error(`stream ${name} has no table`);
  return table;
}

function verificationOf(ledger: RunLedger, verdict: RunVerdict, latencyMs: SampledLatency | null): VerifiedRun {
  const { stored, lost, stale, different, unexpected, missingIds } = verdict;
  const { expected, rejected, planted } = ledger;
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
