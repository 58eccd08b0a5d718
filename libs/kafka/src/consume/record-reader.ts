import { Limiter, withDeadline } from '@orderstream/resilience';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { inPassingGroup, onEnd } from './passing-group.js';
import type { KafkaRecord } from './record-batch.js';

/** Where to read on in that partition; or that nothing more of it is wanted, or of any. */
export type ReadOn = bigint | 'partition-done' | 'done';

/** Gets consecutive records of one partition, at least one; the first has the offset asked for, or the next there is. */
export type RecordVisit = (partition: number, records: readonly KafkaRecord[]) => ReadOn;

export interface RecordReaderOptions {
  /** its throw-away groups are called `<groupPrefix>-<uuid>` */
  readonly groupPrefix: string;
  /** ms until a read is given up. Default 10,000 */
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 10_000;
/** Each read is a group member with connections of its own; more reads than these wait in line. */
const READS_AT_ONCE = 4;
/** Small pieces: who searches wants few records from many places. */
const FETCH = { maxWaitTimeInMs: 100, maxBytesPerPartition: 128 * 1024, maxBytes: 1024 * 1024, retries: 2 } as const;

/**
 * Reads records at given offsets. kafkajs has no fetch without a group, so each read joins a group of its own, commits
 * nothing and deletes the group afterwards; no other group notices.
 */
export class RecordReader {
  private readonly places = new Limiter(READS_AT_ONCE);

  /** `openKafka` makes a client per read, because kafkajs keeps something for every group that a client has seen. */
  constructor(
    private readonly openKafka: () => Kafka,
    private readonly options: RecordReaderOptions,
  ) {}

  /**
   * Reads from each partition's start, and on wherever `visit` says, until it has had enough of all of them. Rejects
   * when Kafka does not answer or the deadline passes, and with what `visit` throws.
   */
  read(topic: string, startByPartition: ReadonlyMap<number, bigint>, visit: RecordVisit): Promise<void> {
    if (startByPartition.size === 0) return Promise.resolve();
    return this.places.run(() => {
      let visits: PartitionVisits | undefined;
      const read = (consumer: Consumer): Promise<void> => {
        visits = new PartitionVisits(topic, startByPartition, visit, consumer);
        return readAll(consumer, visits);
      };
      const until = async (reading: Promise<void>): Promise<void> => {
        try {
          await this.untilDeadline(reading, topic);
        } catch (error) {
          visits?.fail(error);
          throw error;
        }
      };
      const group = { openKafka: this.openKafka, groupPrefix: this.options.groupPrefix, fetch: FETCH };
      return inPassingGroup(group, read, until);
    });
  }

  private untilDeadline(reading: Promise<void>, topic: string): Promise<void> {
    const deadlineMs = this.options.deadlineMs ?? DEADLINE_MS;
    const late = () => new Error(`the records of ${topic} could not be read within ${deadlineMs} ms`);
    return withDeadline(reading, deadlineMs, late);
  }
}

async function readAll(consumer: Consumer, visits: PartitionVisits): Promise<void> {
  await consumer.connect();
  await consumer.subscribe({ topics: [visits.topic], fromBeginning: true });
  // Before the first fetch: from then on it reads where it is told to.
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => visits.begin(payload.memberAssignment[visits.topic] ?? []));
  onEnd(consumer, (error) => visits.fail(error));
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    eachBatch: (payload) => Promise.resolve(visits.take(payload)),
  });
  await visits.ended;
}

/** Where each partition of one read stands. */
class PartitionVisits {
  readonly ended: Promise<void>;
  private readonly nextByPartition: Map<number, bigint>;
  private end: () => void = () => undefined;
  private reject: (error: unknown) => void = () => undefined;

  constructor(
    readonly topic: string,
    startByPartition: ReadonlyMap<number, bigint>,
    private readonly visit: RecordVisit,
    private readonly consumer: Consumer,
  ) {
    this.nextByPartition = new Map(startByPartition);
    this.ended = new Promise((resolve, reject) => {
      this.end = resolve;
      this.reject = reject;
    });
    this.ended.catch(() => undefined); // after the deadline nobody waits for it
  }

  begin(assigned: readonly number[]): void {
    const { topic, nextByPartition } = this;
    this.consumer.pause([{ topic, partitions: assigned.filter((partition) => !nextByPartition.has(partition)) }]);
    for (const [partition, next] of nextByPartition) this.seek(partition, next);
  }

  fail(error: unknown): void {
    this.reject(error);
  }

  take({ batch: { partition, messages } }: EachBatchPayload): void {
    const wanted = this.nextByPartition.get(partition);
    if (wanted === undefined) return;
    const records = messages.filter(({ offset }) => BigInt(offset) >= wanted);
    try {
      this.goOn(partition, records.length === 0 ? wanted : this.visit(partition, records));
    } catch (error) {
      this.fail(error);
    }
  }

  private goOn(partition: number, to: ReadOn): void {
    if (typeof to === 'bigint') {
      this.nextByPartition.set(partition, to);
      this.seek(partition, to);
      return;
    }
    if (to === 'done') this.nextByPartition.clear();
    else this.nextByPartition.delete(partition);
    this.consumer.pause([{ topic: this.topic, partitions: [partition] }]);
    if (this.nextByPartition.size === 0) this.end();
  }

  private seek(partition: number, offset: bigint): void {
    this.consumer.seek({ topic: this.topic, partition, offset: String(offset) });
  }
}
