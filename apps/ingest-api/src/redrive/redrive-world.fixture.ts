import {
  fingerprintOf,
  type DeadLetterRepository,
  type DeadLetterState,
  type IdempotencyKeyRepository,
  type JobChange,
  type JobRepository,
  type JobSegment,
  type LeaseRepository,
  type RedriveLetter,
  type RejectRepository,
  type StoredDeadLetter,
  type StoredJob,
} from '@orderstream/cassandra';
import type { JobView, Segment } from '@orderstream/contracts';
import type { OutMessage } from '@orderstream/kafka';
import { createMetrics } from '@orderstream/observability';
import { SchemaCatalog } from '@orderstream/schemas';
import { JobReopener } from '../reject/job-reopener.js';
import { ActiveJob } from '../track/active-job.js';
import type { JobReader } from '../track/job-reader.js';
import { LetterBatches } from './letter-batches.js';
import { LetterMoves } from './letter-moves.js';
import type { LetterSender } from './letter-sender.js';
import { Parking } from './parking.js';
import { RedriveReport } from './redrive-report.js';
import { RedriveSending } from './redrive-sending.js';
import { RedriveWork } from './redrive-work.js';

const CAUSE = { code: 'refused_by_store', stage: 'write' as const, stream: 'orders' };
export const JOB_ID = '00000000-0000-4000-8000-000000000001';

/** A process that died: nothing it does reaches a server any more. */
export class Killed extends Error {}

/**
 * What lies in Cassandra and Kafka, held in memory, for a job whose rows were all refused; it outlives the processes that work
 * on it. A process is killed before or after the write that is its `dieAt`-th.
 */
export class RedriveWorld {
  readonly letters = new Map<string, StoredDeadLetter & { state: DeadLetterState }>();
  readonly marks = new Map<number, number | null>();
  readonly list: RedriveLetter[] = [];
  /** offsets in partition 0, from that behind the letters on */
  readonly topic: OutMessage[] = [];
  job: StoredJob;
  segments: JobSegment[];
  redriveSegments: readonly Segment[] = [];
  writes = 0;
  /** what was said of letters that were left or parked */
  warnings: readonly string[] = [];
  /** idempotency keys that stand, and the jobs they stand for */
  readonly jobByKey = new Map<string, string>();

  constructor(readonly rows: number) {
    const base = { topic: 'orders', partition: 0, attempt: 1 };
    this.segments = [{ ...base, seq: 0, base: '0', count: rows, firstRow: 0, lastRow: rows - 1 }];
    this.job = {
      id: JOB_ID,
      kind: 'upload',
      stream: 'orders',
      state: 'stored',
      accepted: rows,
      published: rows,
      received: rows,
      rejectedAtDoor: 0,
      stored: 0,
      rejectedInSink: rows,
      rejectedByCode: { refused_by_store: rows },
      settledAtMs: 1,
      revision: 1n,
    } as unknown as StoredJob;
    for (let row = 0; row < rows; row++) {
      const id = `orders-0-${row}`;
      this.letters.set(id, letterOf(id, row));
      this.list.push({ id, jobId: JOB_ID, position: row });
    }
  }

  /** A letter that names a row of the job and whose record Kafka acknowledged for nobody; the redrive takes it, too. */
  addBeside(row: number, more: Partial<StoredDeadLetter> = {}): string {
    const offset = String(900 + this.list.length);
    const id = `orders-0-${offset}`;
    this.letters.set(id, { ...letterOf(id, row), offset, ...more });
    this.list.push({ id, jobId: JOB_ID, position: this.list.length });
    return id;
  }

  /** One process works on the redrive; true when it came to the end. */
  async work({ dieAt = Infinity, after = false }: { dieAt?: number; after?: boolean } = {}): Promise<boolean> {
    this.writes = 0;
    const write = async <T>(apply: () => T): Promise<T> => {
      await Promise.resolve();
      const at = ++this.writes;
      if (at > dieAt || (at === dieAt && !after)) throw new Killed();
      const result = apply();
      if (at === dieAt) throw new Killed();
      return result;
    };
    const identity = {
      id: 'r',
      kind: 'redrive' as const,
      stream: 'orders',
      sourceName: '',
      writeTimeBase: 0,
      createdAt: new Date(),
    };
    const job = new ActiveJob(identity, { segments: this.redriveSegments, rejectedAtDoor: 0, rejectedByCode: {} });
    const report = new RedriveReport(createMetrics('ingest-api'));
    try {
      await this.workOf(job, write, report).run([...this.list]);
      this.warnings = report.warnings();
      this.redriveSegments = [...job.segments];
      return true;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      return false;
    }
  }

  /** The sink has stored every record that counts. */
  settle(): void {
    const { published, rejectedInSink } = this.job;
    this.job = { ...this.job, stored: published - (rejectedInSink ?? 0), settledAtMs: 1 };
  }

  private workOf(job: ActiveJob, write: <T>(apply: () => T) => Promise<T>, report: RedriveReport): RedriveWork {
    const { letters, jobs, rejects, leases } = this.storesOf(write);
    const reader = {
      view: async () => this.settledView(),
      waitSettled: async () => this.settledView(),
    } as unknown as JobReader;
    const sender = {
      send: (_: string, __: number, messages: OutMessage[]) => write(() => this.append(messages)),
    } as unknown as LetterSender;
    const noteSent = (_: string, sent: readonly RedriveLetter[]) =>
      write(() => sent.forEach((letter) => (this.list[letter.position] = letter)));
    const stop = new AbortController().signal;
    const sending = new RedriveSending(job, { redrives: { noteSent }, letters, sender, report });
    const limits = { records: 4, bytes: 1e6 };
    const batches = new LetterBatches({
      schemas: new SchemaCatalog(undefined),
      letters,
      parking: new Parking(new Map()),
      report,
      patch: undefined,
      limits,
      stop,
    });
    const reopener = new JobReopener({ jobs, leases, rejects, letters, keys: this.keys() }, reader);
    return new RedriveWork({
      moves: new LetterMoves(letters),
      leases,
      reader,
      reopener,
      batches,
      sending,
      report,
      stop,
      ending: stop,
    });
  }

  private storesOf(write: <T>(apply: () => T) => Promise<T>) {
    const letters = {
      find: async (id: string) => this.letters.get(id) && { ...this.letters.get(id)! },
      move: ({ id }: { id: string }, from: DeadLetterState, to: DeadLetterState) =>
        write(() => {
          const letter = this.letters.get(id)!;
          if (letter.state !== from) return false;
          letter.state = to;
          return true;
        }),
      async *positionsOfJob(this: void) {
        yield [...all()].map((letter) => ({ ...letter }));
      },
    } as unknown as DeadLetterRepository;
    const all = () => this.letters.values();
    const jobs = {
      find: async () => this.job,
      segments: async () => this.segments,
      update: (_: unknown, change: JobChange, added: readonly JobSegment[]) => write(() => this.update(change, added)),
    } as unknown as JobRepository;
    const marks = () => this.marks;
    const rejects = {
      mark: (_: string, rows: readonly number[], attempt: number | null) =>
        write(() => rows.forEach((row) => this.marks.set(row, attempt))),
      forget: async () => undefined,
      async *entries(this: void) {
        yield [...marks()].map(([row, attempt]) => ({ row, repairedAttempt: attempt ?? undefined }));
      },
    } as unknown as RejectRepository;
    const yes = () => Promise.resolve(true);
    const leases = { take: yes, keep: yes, release: () => Promise.resolve() } as unknown as LeaseRepository;
    return { letters, jobs, rejects, leases };
  }

  private keys(): Pick<IdempotencyKeyRepository, 'find'> {
    return {
      find: async (key) => {
        const jobId = this.jobByKey.get(key);
        return jobId === undefined ? undefined : { jobId, stream: 'orders', options: '' };
      },
    };
  }

  private settledView(): JobView {
    this.settle();
    return {
      id: JOB_ID,
      state: this.job.state === 'interrupted' ? 'interrupted' : 'stored',
      settledAt: 'then',
      stream: 'orders',
      segments: this.segments,
    } as unknown as JobView;
  }

  private update(change: JobChange, added: readonly JobSegment[]): bigint {
    const given = Object.entries(change).filter(([, value]) => value !== undefined);
    this.job = { ...this.job, ...Object.fromEntries(given) };
    this.segments = [...this.segments, ...added];
    return 2n;
  }

  private append(messages: readonly OutMessage[]): bigint {
    this.topic.push(...messages);
    return BigInt(this.rows + this.topic.length - messages.length);
  }
}

const letterOf = (id: string, row: number): StoredDeadLetter => ({
  ...CAUSE,
  id,
  topic: 'orders',
  partition: 0,
  offset: String(row),
  reason: 'why',
  fingerprint: fingerprintOf(CAUSE),
  writeTimeMicros: 1n,
  jobId: JOB_ID,
  jobRow: row,
  attempt: 1,
  firstSeenMs: 0,
  state: 'open',
  key: Buffer.from('books'),
  value: Buffer.from('{}'),
  headers: new Map([['os-row', Buffer.from(String(row))]]),
});
