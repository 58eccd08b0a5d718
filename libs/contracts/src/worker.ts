/** A partition that a sink has given up on until an operator says retry or skip. */
export interface StoppedPartitionView {
  readonly topic: string;
  readonly partition: number;
  /** of the record at which it stopped, a decimal string */
  readonly offset: string;
  readonly error: string;
}

/** `retry` tries the record again; `skip` goes on behind it, and the record becomes a dead letter. */
export type PartitionAction = 'retry' | 'skip';

/** What was ordered for a stopped partition: its sink carries it out within seconds. */
export interface PartitionOrderView {
  readonly stream: string;
  readonly partition: number;
  /** of the record at which it stands, a decimal string */
  readonly offset: string;
  readonly action: PartitionAction;
}

/** What a sink says of itself every 2 s. Rates and latencies are of the time since it last said so. */
export interface WorkerStatus {
  readonly startedAt: string;
  /** partitions by topic */
  readonly assignment: Readonly<Record<string, readonly number[]>>;
  readonly stored: number;
  readonly rejected: number;
  readonly storedPerSecond: number;
  /** mean time of a write to Cassandra, ms; null while nothing was written */
  readonly writeLatencyMs: number | null;
  /** times that a partition had to wait, by reason, since the start */
  readonly waitsByReason: Readonly<Record<string, number>>;
  readonly stopped: readonly StoppedPartitionView[];
}

/** One sink as `GET /workers` lists it. */
export interface WorkerView extends WorkerStatus {
  readonly id: string;
  /** host:port of its health and metrics */
  readonly address: string;
}
