import type {
  JobList,
  JobQuery,
  JobRepository,
  JobWithSegments,
  LeaseRepository,
  StoredJob,
} from '@orderstream/cassandra';
import { ProblemError, type JobState, type JobView, type Page } from '@orderstream/contracts';
import { wait, withDeadline } from '@orderstream/resilience';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import { factsOfRunning, factsOfStored } from './job-facts.js';
import { lastAttemptOf, segmentOf, settledBy, viewOf } from './job-view.js';
import type { Outcome, Outcomes, Unsettled } from './outcomes.js';
import type { RunningJob } from './running-job.js';
import type { RunningJobs } from './running-jobs.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** A view waits this long for what the sink has done, ms. */
const OUTCOME_DEADLINE_MS = 2_000;
const POLL_MS = { first: 20, most: 250 } as const;

export interface JobStores {
  readonly jobs: JobRepository;
  readonly list: JobList;
  readonly leases: LeaseRepository;
}

const noJob = (id: string): ProblemError => new ProblemError('job_not_found', `there is no job ${id}`);

/** Answers for any job, from Cassandra and Kafka alone; for those that run here, from memory. */
export class JobReader {
  private ending = false;

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
      const stored = await this.stores.jobs.read(id);
      if (!stored) throw noJob(id);
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

  /** The process ends: whoever waits for a job is answered with what is known. */
  endWaits(): void {
    this.ending = true;
  }

  /** True once `endWaits` was called. */
  get isEnding(): boolean {
    return this.ending;
  }

  /**
   * The view once every published row is stored or in the dead letters, or as it is when the time is over or the process
   * ends. A store that is away for a while is waited for; throws all else that `view` throws, and the signal's reason when
   * it aborts first.
   */
  async waitSettled(id: string, timeoutMs: number, signal?: AbortSignal): Promise<JobView> {
    const endsAt = Date.now() + timeoutMs;
    for (let pollMs: number = POLL_MS.first; ; pollMs = Math.min(POLL_MS.most, pollMs * 1.5)) {
      const left = this.ending ? 0 : endsAt - Date.now();
      const view = await this.view(id).catch((error: unknown) => {
        if (left <= 0 || !isStoreAway(error)) throw error;
        return undefined;
      });
      if (view && (view.settledAt !== null || left <= 0)) return view;
      await wait(Math.min(pollMs, Math.max(1, left)), signal);
    }
  }

  private async viewRunning(running: RunningJob): Promise<JobView> {
    const { facts, segments } = factsOfRunning(running);
    const unsettled = { jobId: facts.id, attempt: 1, segments, isRedrive: facts.kind === 'redrive' };
    return viewOf(facts, segments, (await this.inTime(this.outcomes.read(unsettled))) ?? this.outcomes.last(unsettled));
  }

  private async viewStored({ job, segments: placed }: JobWithSegments): Promise<JobView> {
    const segments = placed.map(segmentOf);
    if (job.settledAtMs !== null) return viewOf(factsOfStored(job, job.state), segments, undefined);
    const state = await this.currentState(job);
    if (state === 'interrupted' && job.state === 'receiving') {
      // The lease is freed after the last write of the job, so what was read before may be older than that write.
      const latest = await this.stores.jobs.read(job.id);
      if (latest && latest.job.state !== 'receiving') return this.viewStored(latest);
    }
    const unsettled = unsettledOf(job, segments);
    // It goes on behind the view that is tired of waiting: a job with very many letters is settled all the same.
    const settling = this.outcomes.read(unsettled).then((outcome) => this.settled(job, state, outcome));
    const settled = await this.inTime(settling);
    if (settled) return viewOf(factsOfStored(settled, settled.state), segments, undefined);
    return viewOf(factsOfStored(job, state), segments, this.outcomes.last(unsettled));
  }

  /** Undefined when nobody answers in time: the view then says what is known without. */
  private inTime<T>(work: Promise<T>): Promise<T | undefined> {
    const late = () => new Error('Kafka or Cassandra did not answer in time');
    return withDeadline(work, OUTCOME_DEADLINE_MS, late).catch(() => undefined);
  }

  /** Receiving without a lease: its process is gone. */
  private async currentState(stored: StoredJob): Promise<JobState> {
    if (stored.state !== 'receiving') return stored.state;
    return (await this.stores.leases.ownerOf(stored.id)) === undefined ? 'interrupted' : 'receiving';
  }

  /**
   * Once every published row was passed, the counts are written, once, and never derived again. A job that nobody
   * receives has no writer, so whoever is asked takes its lease for a moment: no resume and no repair begins meanwhile,
   * and one that came before is seen by its revision. Undefined when rows are pending, or another was quicker.
   */
  private async settled(job: StoredJob, state: JobState, outcome: Outcome): Promise<StoredJob | undefined> {
    if (state === 'receiving' || outcome.passed !== job.published - settledRowsOf(job)) return undefined;
    const { leases, jobs } = this.stores;
    return leases.settling(job.id, async (isOver) => {
      const again = await jobs.find(job.id);
      if (again?.revision !== job.revision || isOver()) return undefined;
      const settled = settledBy(job, state, outcome);
      const { stored, rejectedInSink, rejectedByCode, settledAtMs } = settled;
      await jobs.update(job, { state: settled.state, stored, rejectedInSink, rejectedByCode, settledAtMs });
      return settled;
    });
  }
}

const isStoreAway = (error: unknown): boolean => error instanceof ProblemError && error.code === 'store_unavailable';

/** A repair reopens a job for the rows of its own attempt; the others stay settled. */
function unsettledOf({ id, kind, stored }: StoredJob, segments: Unsettled['segments']): Unsettled {
  if (stored === null) return { jobId: id, attempt: 1, segments, isRedrive: kind === 'redrive' };
  const attempt = lastAttemptOf(segments);
  return { jobId: id, attempt, segments: segments.filter((segment) => segment.attempt === attempt) };
}

const settledRowsOf = ({ stored, rejectedInSink }: StoredJob): number => (stored ?? 0) + (rejectedInSink ?? 0);
