import { randomUUID } from 'node:crypto';
import type { JobList, JobQuery, JobRepository, LeaseRepository, StoredJob } from '@orderstream/cassandra';
import { ProblemError, type JobState, type JobView, type Page, type Segment } from '@orderstream/contracts';
import { wait, withDeadline } from '@orderstream/resilience';
import { lastAttemptOf, mergeCodes, segmentOf, viewOf, type JobFacts } from './job-view.js';
import type { Outcome, Outcomes } from './outcomes.js';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import type { RunningJob, RunningJobs } from './running-jobs.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** A view waits this long for what the sink has done, ms. */
const OUTCOME_DEADLINE_MS = 2_000;
const POLL_MS = { first: 20, most: 250 } as const;

export interface JobStores {
  readonly jobs: JobRepository;
  readonly list: JobList;
  readonly leases: LeaseRepository;
}

/** Answers for any job, from Cassandra and Kafka alone; for those that run here, from memory. */
export class JobReader {
  constructor(
    private readonly stores: JobStores,
    private readonly running: RunningJobs,
    private readonly outcomes: Outcomes,
  ) {}

  /** Throws `job_not_found`, or `store_unavailable` when nobody can be asked. */
  async view(id: string): Promise<JobView> {
    if (!UUID.test(id)) throw new ProblemError('job_not_found', `${id} is not the id of a job; it is a UUID`);
    const running = this.running.find(id);
    if (running) return this.viewRunning(running);
    return orStoreUnavailable(async () => {
      const stored = await this.stores.jobs.find(id);
      if (!stored) throw new ProblemError('job_not_found', `there is no job ${id}`);
      return this.viewStored(stored);
    });
  }

  /** The options a job was made with; undefined when it has none. */
  optionsOf<T>(id: string): Promise<T | undefined> {
    return orStoreUnavailable(async () => {
      const stored = await this.stores.jobs.find(id);
      return stored?.options === undefined ? undefined : (JSON.parse(stored.options) as T);
    });
  }

  /** Newest first; of those that match, only the ones whose view fits. */
  page(query: JobQuery, fits: (view: JobView) => boolean = () => true): Promise<Page<JobView>> {
    return orStoreUnavailable(async () => {
      const views = new Map<string, JobView>();
      const matches = async (job: StoredJob): Promise<boolean> => {
        if (query.matches && !(await query.matches(job))) return false;
        const view = await this.view(job.id);
        views.set(job.id, view);
        return fits(view);
      };
      const { items, next } = await this.stores.list.page({ ...query, matches });
      return { items: items.map(({ id }) => views.get(id)!), next };
    });
  }

  /**
   * The view once every published row is stored or in the dead letters, or as it is when the time is over. Throws the
   * signal's reason when it aborts first.
   */
  async waitSettled(id: string, timeoutMs: number, signal?: AbortSignal): Promise<JobView> {
    const endsAt = Date.now() + timeoutMs;
    for (let pollMs: number = POLL_MS.first; ; pollMs = Math.min(POLL_MS.most, pollMs * 1.5)) {
      const left = endsAt - Date.now();
      const view = await this.view(id).catch((error: unknown) => {
        if (left <= 0) throw error; // a store that is away for a while is waited for
        return undefined;
      });
      if (view && (view.settledAt !== null || left <= 0)) return view;
      await wait(Math.min(pollMs, Math.max(1, left)), signal);
    }
  }

  private async viewRunning({ job, state, source, publishedAtMs }: RunningJob): Promise<JobView> {
    const facts: JobFacts = {
      ...identityOf(job, job.createdAt.getTime()),
      state,
      sourceBytes: source.bytes,
      sourceSha256: source.sha256,
      accepted: job.accepted,
      published: job.published,
      rejectedAtDoor: job.rejectedAtDoor,
      rejectedByCode: job.rejectedByCode,
      warnings: [...job.warnings],
      publishedAtMs,
      settledAtMs: null,
      stored: null,
      rejectedInSink: null,
    };
    const segments = [...job.segments];
    const outcome = await this.outcomeOf(job.id, segments);
    return viewOf(facts, segments, outcome, this.outcomes.drainRate);
  }

  private async viewStored(stored: StoredJob): Promise<JobView> {
    const segments = (await this.stores.jobs.segments(stored.id)).map(segmentOf);
    if (stored.settledAtMs !== null) return viewOf(factsOf(stored, stored.state), segments, undefined, 0);
    const state = await this.currentState(stored);
    if (state === 'interrupted' && stored.state === 'receiving') {
      // The lease is freed after the last write of the job, so what was read before may be older than that write.
      const latest = await this.stores.jobs.find(stored.id);
      if (latest && latest.state !== 'receiving') return this.viewStored(latest);
    }
    const outcome = await this.outcomeOf(stored.id, unsettledOf(stored, segments));
    if (outcome && state !== 'receiving' && outcome.passed === stored.published - settledRowsOf(stored)) {
      const settled = await this.settled(stored, state, segments, outcome);
      if (settled) return settled;
    }
    return viewOf(factsOf(stored, state), segments, outcome, this.outcomes.drainRate);
  }

  /** Undefined when nobody answers in time: the view then says what is known without. */
  private outcomeOf(id: string, segments: readonly Segment[]): Promise<Outcome | undefined> {
    const late = () => new Error('Kafka or Cassandra did not answer in time');
    return withDeadline(this.outcomes.read(id, segments), OUTCOME_DEADLINE_MS, late).catch(() => undefined);
  }

  /** Receiving without a lease: its process is gone. */
  private async currentState(stored: StoredJob): Promise<JobState> {
    if (stored.state !== 'receiving') return stored.state;
    return (await this.stores.leases.ownerOf(stored.id)) === undefined ? 'interrupted' : 'receiving';
  }

  /**
   * An orphan has no writer, so whoever is asked takes its lease for a moment: no resume begins meanwhile. Undefined when
   * another was quicker.
   */
  private async settled(
    job: StoredJob,
    state: JobState,
    segments: Segment[],
    outcome: Outcome,
  ): Promise<JobView | undefined> {
    if (job.state !== 'receiving') return this.settle(job, state, segments, outcome);
    const { leases, jobs } = this.stores;
    const me = randomUUID();
    if (!(await leases.take(job.id, me))) return undefined;
    try {
      const again = await jobs.find(job.id);
      if (again?.revision !== job.revision) return undefined;
      return await this.settle(job, state, segments, outcome);
    } finally {
      await leases.release(job.id, me).catch(() => undefined); // it runs out by itself
    }
  }

  /** Every published row has been passed: the counts are written once and never derived again. */
  private async settle(job: StoredJob, was: JobState, segments: Segment[], outcome: Outcome): Promise<JobView> {
    const settled: StoredJob = {
      ...job,
      state: was === 'published' ? 'stored' : was,
      stored: (job.stored ?? 0) + outcome.passed - outcome.rejectedInSink,
      rejectedInSink: (job.rejectedInSink ?? 0) + outcome.rejectedInSink,
      rejectedByCode: mergeCodes(job.rejectedByCode, outcome.rejectedByCode),
      settledAtMs: Date.now(),
    };
    const { state, stored, rejectedInSink, rejectedByCode, settledAtMs } = settled;
    await this.stores.jobs.update(job, { state, stored, rejectedInSink, rejectedByCode, settledAtMs });
    return viewOf(factsOf(settled, state), segments, undefined, 0);
  }
}

/** A repair reopens a job for the rows of its own attempt; the others stay settled. */
function unsettledOf({ stored }: StoredJob, segments: readonly Segment[]): readonly Segment[] {
  return stored === null ? segments : segments.filter(({ attempt }) => attempt === lastAttemptOf(segments));
}

const settledRowsOf = ({ stored, rejectedInSink }: StoredJob): number => (stored ?? 0) + (rejectedInSink ?? 0);

const identityOf = (
  { id, kind, stream, sourceName }: Pick<JobFacts, 'id' | 'kind' | 'stream' | 'sourceName'>,
  createdAtMs: number,
) => ({
  id,
  kind,
  stream,
  sourceName,
  createdAtMs,
});

const factsOf = (job: StoredJob, state: JobState): JobFacts => ({ ...job, state });
