import { setImmediate as turn } from 'node:timers/promises';
import { orAborted } from '@orderstream/resilience';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { inPassingGroup, onEnd } from './passing-group.js';
import type { KafkaRecord } from './record-batch.js';

/** Offsets of one partition: from `from` up to, and without, `end`. */
export interface OffsetWindow {
  readonly from: bigint;
  readonly end: bigint;
}

/** Gets records of one partition in their order, at least one; the next ones are read once it has resolved. */
export type LogVisit = (partition: number, records: readonly KafkaRecord[]) => Promise<void> | void;

export interface LogReaderOptions {
  /** its throw-away groups are called `<groupPrefix>-<uuid>` */
  readonly groupPrefix: string;
  /** ms without a record after which a scan is given up. Default 30,000 */
  readonly stalledMs?: number;
}

const STALLED_MS = 30_000;
/** Large pieces, for all of them are wanted. What one fetch brings of a partition is in memory, decoded. */
const FETCH = {
  maxWaitTimeInMs: 100,
  maxBytesPerPartition: 1024 * 1024,
  maxBytes: 4 * 1024 * 1024,
  retries: 6,
} as const;

/**
 * Reads whole stretches of a topic, once, in the order of each partition; commits nothing, and no group notices. In
 * memory is what one fetch brings: 4 MiB, or one larger record.
 */
export class LogReader {
  /** `openKafka` makes a client per scan, because kafkajs keeps something for every group that a client has seen. */
  constructor(
    private readonly openKafka: () => Kafka,
    private readonly options: LogReaderOptions,
  ) {}

  /**
   * Gives `visit` every record that lies in the windows and that retention has left. Rejects when Kafka does not answer
   * or stays silent, with what `visit` throws, and with the signal's reason.
   */
  async scan(
    topic: string,
    windowByPartition: ReadonlyMap<number, OffsetWindow>,
    visit: LogVisit,
    signal: AbortSignal,
  ): Promise<void> {
    const progress = new ScanProgress(topic, windowByPartition, this.options.stalledMs ?? STALLED_MS);
    if (progress.isDone) return;
    signal.throwIfAborted();
    const until = async (reading: Promise<void>): Promise<void> => {
      try {
        await orAborted(reading, signal);
      } catch (error) {
        progress.fail(error);
        throw error;
      } finally {
        progress.stop();
      }
    };
    const group = { openKafka: this.openKafka, groupPrefix: this.options.groupPrefix, fetch: FETCH };
    await inPassingGroup(group, (consumer) => readAll(consumer, progress, visit), until);
  }
}

async function readAll(consumer: Consumer, progress: ScanProgress, visit: LogVisit): Promise<void> {
  const { topic } = progress;
  const { GROUP_JOIN, END_BATCH_PROCESS } = consumer.events;
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  // Before the first fetch, and after a rebalance again: it reads where it is told to.
  consumer.on(GROUP_JOIN, ({ payload }) => {
    const assigned = payload.memberAssignment[topic] ?? [];
    const unwanted = assigned.filter((partition) => progress.nextOf(partition) === undefined);
    if (unwanted.length > 0) consumer.pause([{ topic, partitions: unwanted }]);
    for (const partition of assigned) {
      const next = progress.nextOf(partition);
      if (next !== undefined) consumer.seek({ topic, partition, offset: String(next) });
    }
  });
  onEnd(consumer, (error) => progress.fail(error));
  // Batches of control records only, as transactions leave them, are told here and nowhere else.
  consumer.on(END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
    if (progress.pass(partition, BigInt(lastOffset) + 1n)) consumer.pause([{ topic, partitions: [partition] }]);
  });
  await consumer.run({
    autoCommit: false,
    eachBatch: (payload) => takeBatch(payload, progress, visit),
  });
  await progress.ended;
}

async function takeBatch(payload: EachBatchPayload, progress: ScanProgress, visit: LogVisit): Promise<void> {
  const { partition, messages } = payload.batch;
  const records = progress.wantedOf(partition, messages);
  if (records.length === 0) return;
  try {
    await visit(partition, records);
    progress.pass(partition, BigInt(records.at(-1)!.offset) + 1n);
  } catch (error) {
    progress.fail(error);
  }
  await turn(); // other requests of the process have theirs
  await payload.heartbeat().catch(() => undefined); // a member that lost its group joins again and reads on
}

/** How far one scan is. */
class ScanProgress {
  readonly ended: Promise<void>;
  private readonly nextByPartition = new Map<number, bigint>();
  private readonly endByPartition = new Map<number, bigint>();
  private end: () => void = () => undefined;
  private reject: (error: unknown) => void = () => undefined;
  private readonly stalled: NodeJS.Timeout;
  private hasFailed = false;

  constructor(
    readonly topic: string,
    windowByPartition: ReadonlyMap<number, OffsetWindow>,
    stalledMs: number,
  ) {
    for (const [partition, { from, end }] of windowByPartition) {
      if (from >= end) continue;
      this.nextByPartition.set(partition, from);
      this.endByPartition.set(partition, end);
    }
    this.ended = new Promise((resolve, reject) => {
      this.end = resolve;
      this.reject = reject;
    });
    this.ended.catch(() => undefined); // after an abort nobody waits for it
    const late = () => this.fail(new Error(`Kafka gave no records of ${topic} for ${stalledMs} ms`));
    this.stalled = setTimeout(late, stalledMs).unref();
  }

  get isDone(): boolean {
    return this.nextByPartition.size === 0;
  }

  nextOf(partition: number): bigint | undefined {
    return this.hasFailed ? undefined : this.nextByPartition.get(partition);
  }

  wantedOf(partition: number, messages: readonly KafkaRecord[]): readonly KafkaRecord[] {
    const next = this.nextOf(partition);
    const end = this.endByPartition.get(partition);
    if (next === undefined || end === undefined) return [];
    return messages.filter(({ offset }) => BigInt(offset) >= next && BigInt(offset) < end);
  }

  /** True when that was the last of this partition. */
  pass(partition: number, next: bigint): boolean {
    const was = this.nextByPartition.get(partition);
    if (was === undefined || next <= was) return was === undefined;
    this.stalled.refresh();
    this.nextByPartition.set(partition, next);
    if (next < this.endByPartition.get(partition)!) return false;
    this.nextByPartition.delete(partition);
    if (this.isDone) this.end();
    return true;
  }

  fail(error: unknown): void {
    this.hasFailed = true;
    this.reject(error);
  }

  stop(): void {
    this.hasFailed = true;
    clearTimeout(this.stalled);
  }
}
