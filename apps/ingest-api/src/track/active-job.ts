import { ProblemError, type JobKind, type RowFaultCode, type Segment } from '@orderstream/contracts';

export interface JobIdentity {
  readonly id: string;
  readonly kind: JobKind;
  readonly stream: string;
  readonly sourceName: string;
  /** µs; row n of the job is written at base + n */
  readonly writeTimeBase: number;
  readonly createdAt: Date;
}

/** The reason of `ActiveJob.stop` when somebody cancelled the job; any other means that the process ends. */
export const CANCELLED = new ProblemError('job_cancelled', 'the job was cancelled; what it had published is stored');

/** What was written down of a job before it was interrupted. */
export interface JobRemains {
  readonly segments: readonly Segment[];
  readonly rejectedAtDoor: number;
  readonly rejectedByCode: Readonly<Partial<Record<RowFaultCode, number>>>;
}

const NOTHING: JobRemains = { segments: [], rejectedAtDoor: 0, rejectedByCode: {} };

/**
 * A job this process is receiving: its one writer. Counts are distinct rows. A row is accepted once Kafka has
 * acknowledged it. Only what a checkpoint has written down is shown, so that it never becomes less when the process dies.
 */
export class ActiveJob implements JobIdentity {
  readonly id: string;
  readonly kind: JobKind;
  readonly stream: string;
  readonly sourceName: string;
  readonly writeTimeBase: number;
  readonly createdAt: Date;
  published = 0;
  readonly warnings = new Set<string>();
  readonly segments: Segment[] = [];
  private rejected = 0;
  private readonly byCode = new Map<RowFaultCode, number>();
  /** Aborted to end the job early, from here or by a request of another process; whoever feeds the job obeys it. */
  readonly stop = new AbortController();
  private readonly changedSegments = new Set<number>();
  private readonly lastByPartition = new Map<string, number>();

  /** A job that goes on counts its rejects again from the first row; until it has caught up, `remains` is what it shows. */
  constructor(
    identity: JobIdentity,
    private readonly remains: JobRemains = NOTHING,
  ) {
    this.id = identity.id;
    this.kind = identity.kind;
    this.stream = identity.stream;
    this.sourceName = identity.sourceName;
    this.writeTimeBase = identity.writeTimeBase;
    this.createdAt = identity.createdAt;
    for (const segment of remains.segments) {
      this.lastByPartition.set(placeOf(segment), this.segments.length);
      this.segments.push(segment);
      this.published += segment.count;
    }
  }

  get accepted(): number {
    return this.published;
  }

  get received(): number {
    return this.accepted + this.rejectedAtDoor;
  }

  get rejectedAtDoor(): number {
    return Math.max(this.rejected, this.remains.rejectedAtDoor);
  }

  /** without what was written down before: the rows rejected since this process reads the body */
  get rejectedThisTime(): number {
    return this.rejected;
  }

  get rejectedByCode(): Readonly<Partial<Record<RowFaultCode, number>>> {
    return this.rejected < this.remains.rejectedAtDoor ? this.remains.rejectedByCode : Object.fromEntries(this.byCode);
  }

  reject(code: RowFaultCode, rows = 1): void {
    this.rejected += rows;
    this.byCode.set(code, (this.byCode.get(code) ?? 0) + rows);
  }

  /** The last row that Kafka has acknowledged in each partition: of a partition, every row of the job up to it. */
  acknowledgedThrough(): Map<number, number> {
    return acknowledgedThrough(this.segments);
  }

  /**
   * Notes what Kafka acknowledged. A send that adjoins the one before it in its partition grows that segment, unless its
   * rows lie before: rows of a segment ascend.
   */
  acknowledge(segment: Segment): void {
    this.published += segment.count;
    const place = placeOf(segment);
    const index = this.lastByPartition.get(place);
    const last = index === undefined ? undefined : this.segments[index];
    if (last && last.lastRow < segment.firstRow && endOf(last) === BigInt(segment.base)) {
      this.segments[index!] = { ...last, count: last.count + segment.count, lastRow: segment.lastRow };
      this.changedSegments.add(index!);
      return;
    }
    this.lastByPartition.set(place, this.segments.length);
    this.changedSegments.add(this.segments.length);
    this.segments.push(segment);
  }

  /** Places in `segments` that changed since the last call, in their order. */
  takeChangedSegments(): number[] {
    const changed = [...this.changedSegments].sort((a, b) => a - b);
    this.changedSegments.clear();
    return changed;
  }

  /** Gives places back whose write failed. */
  markChanged(places: readonly number[]): void {
    for (const place of places) this.changedSegments.add(place);
  }
}

/** By partition, the last row of a job that Kafka has acknowledged: of a partition, every row of the job up to it. */
export function acknowledgedThrough(segments: readonly Segment[]): Map<number, number> {
  const through = new Map<number, number>();
  for (const { partition, lastRow } of segments) {
    through.set(partition, Math.max(lastRow, through.get(partition) ?? -1));
  }
  return through;
}
const endOf = ({ base, count }: Segment): bigint => BigInt(base) + BigInt(count);

const placeOf = ({ topic, partition }: Segment): string => `${topic}/${partition}`;
