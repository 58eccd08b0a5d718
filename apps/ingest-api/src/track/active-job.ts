import type { JobKind, RowFaultCode, Segment } from '@orderstream/contracts';

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
export const CANCELLED = new Error('the job was cancelled');

/** A job this process is receiving: its one writer. Counts are distinct rows. */
export class ActiveJob implements JobIdentity {
  readonly id: string;
  readonly kind: JobKind;
  readonly stream: string;
  readonly sourceName: string;
  readonly writeTimeBase: number;
  readonly createdAt: Date;
  accepted = 0;
  published = 0;
  rejectedAtDoor = 0;
  readonly warnings = new Set<string>();
  readonly rejectedByCode = new Map<RowFaultCode, number>();
  readonly segments: Segment[] = [];
  /** Aborted to end the job early, from here or by a request of another process; whoever feeds the job obeys it. */
  readonly stop = new AbortController();
  private readonly changedSegments = new Set<number>();
  private readonly lastByPartition = new Map<string, number>();

  constructor(identity: JobIdentity) {
    this.id = identity.id;
    this.kind = identity.kind;
    this.stream = identity.stream;
    this.sourceName = identity.sourceName;
    this.writeTimeBase = identity.writeTimeBase;
    this.createdAt = identity.createdAt;
  }

  get received(): number {
    return this.accepted + this.rejectedAtDoor;
  }

  accept(rows: number): void {
    this.accepted += rows;
  }

  reject(code: RowFaultCode): void {
    this.rejectedAtDoor++;
    this.rejectedByCode.set(code, (this.rejectedByCode.get(code) ?? 0) + 1);
  }

  /** Notes what Kafka acknowledged. A send that adjoins the one before it in its partition grows that segment. */
  acknowledge(segment: Segment): void {
    this.published += segment.count;
    const place = `${segment.topic}/${segment.partition}`;
    const index = this.lastByPartition.get(place);
    const last = index === undefined ? undefined : this.segments[index];
    if (last && BigInt(last.base) + BigInt(last.count) === BigInt(segment.base)) {
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
