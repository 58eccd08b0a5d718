import { randomUUID } from 'node:crypto';
import type { JobChange, JobRepository, JobSegment, LeaseRepository, NewJob, StoredJob } from '@orderstream/cassandra';

interface Cell {
  readonly value: unknown;
  readonly micros: bigint;
}

const LEASE_MS = 5_000;
const NOTHING = {
  sourceBytes: 0,
  sourceSha256: null,
  received: 0,
  accepted: 0,
  published: 0,
  rejectedAtDoor: 0,
  stored: null,
  rejectedInSink: null,
  rejectedByCode: {},
  warnings: [],
  checkpoint: null,
  failure: null,
  publishedAtMs: null,
  settledAtMs: null,
};

/**
 * Jobs and leases as the tables keep them: of two writes of a cell the one with the newest write time stands, a lease
 * goes to one owner and runs out after 5 s. Time is that of the test.
 */
export class JobStoreFixture {
  private readonly cellsById = new Map<string, Map<string, Cell>>();
  private readonly leaseById = new Map<string, { readonly owner: string; readonly endsAtMs: number }>();
  private micros = 1n;
  /** every update in its order */
  readonly updates: JobChange[] = [];

  readonly jobs = {
    create: (job: NewJob) => Promise.resolve(this.put(job.id, { ...NOTHING, ...job, state: 'receiving' }, [], 0n)),
    update: (job: Pick<StoredJob, 'id' | 'revision' | 'state'>, change: JobChange, segments: JobSegment[] = []) => {
      const whole = { ...change, state: change.state ?? job.state };
      this.updates.push(whole);
      return Promise.resolve(this.put(job.id, whole, segments, job.revision));
    },
    find: (id: string) => Promise.resolve(this.jobOf(id)),
    read: (id: string) => {
      const job = this.jobOf(id);
      return Promise.resolve(job && { job, segments: this.segmentsOf(id) });
    },
  } as unknown as JobRepository;

  readonly leases = {
    take: (id: string, owner: string) => Promise.resolve(this.take(id, owner)),
    keep: (id: string, owner: string) => Promise.resolve(this.ownerOf(id) === owner && this.take(id, owner)),
    release: (id: string, owner: string) => {
      if (this.ownerOf(id) === owner) this.leaseById.delete(id);
      return Promise.resolve();
    },
    ownerOf: (id: string) => Promise.resolve(this.ownerOf(id)),
    settling: async <T>(id: string, work: (isOver: () => boolean) => Promise<T>): Promise<T | undefined> => {
      const owner = randomUUID();
      if (!this.take(id, owner)) return undefined;
      return work(() => this.ownerOf(id) !== owner).finally(() => this.leases.release(id, owner));
    },
  } as unknown as LeaseRepository;

  segmentsOf(id: string): JobSegment[] {
    const cells = [...(this.cellsById.get(id) ?? [])].filter(([name]) => name.startsWith('segment/'));
    return cells.map(([, { value }]) => value as JobSegment).sort((a, b) => a.seq - b.seq);
  }

  jobOf(id: string): StoredJob | undefined {
    const cells = this.cellsById.get(id);
    const state = cells?.get('state');
    if (!cells || !state) return undefined;
    const values = [...cells]
      .filter(([name]) => !name.startsWith('segment/'))
      .map(([name, { value }]) => [name, value]);
    return { ...(Object.fromEntries(values) as StoredJob), revision: state.micros };
  }

  private put(id: string, change: object, segments: readonly JobSegment[], above: bigint): bigint {
    this.micros = this.micros > above ? this.micros + 1n : above + 1n;
    const cells = this.cellsById.get(id) ?? new Map<string, Cell>();
    this.cellsById.set(id, cells);
    const written = [
      ...Object.entries(change),
      ...segments.map((segment) => [`segment/${segment.seq}`, segment] as const),
    ];
    for (const [name, value] of written) {
      const before = cells.get(name);
      if (value !== undefined && (!before || before.micros < this.micros))
        cells.set(name, { value, micros: this.micros });
    }
    return this.micros;
  }

  private ownerOf(id: string): string | undefined {
    const lease = this.leaseById.get(id);
    return lease && lease.endsAtMs > Date.now() ? lease.owner : undefined;
  }

  private take(id: string, owner: string): boolean {
    if ((this.ownerOf(id) ?? owner) !== owner) return false;
    this.leaseById.set(id, { owner, endsAtMs: Date.now() + LEASE_MS });
    return true;
  }
}
