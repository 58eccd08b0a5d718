import type { Statement, StoredBucket } from '@orderstream/cassandra';
import type { BatchOutcome, KafkaRecord, RecordBatch } from '@orderstream/kafka';
import {
  bucketId,
  builtInStreams,
  compileStream,
  gainsOf,
  NO_SCHEMAS,
  statsShapeOf,
  StatsFold,
  transformRecord,
  type BucketKey,
  type BucketValues,
  type Refused,
} from '@orderstream/streams';
import type { RecordOutcome } from '../write/finished-prefix.js';
import { Rollup } from './rollup.js';

export const ORDERS = compileStream(builtInStreams().find(({ name }) => name === 'orders')!);
const NOW_MS = 1_700_000_000_000;
const TOPIC_ID = 'topic-1';

/** What becomes of one write: `late` ones are not acknowledged, and land when the world is told so. */
export type Fate = 'acknowledged' | 'answer lost' | 'lost' | 'late';

/** Order number n as it lies on the log; every ninth cannot be decoded, every eleventh is refused by the store. */
export function recordOf(n: number): KafkaRecord {
  const order = {
    order_id: `o-${n}`,
    product: `P${n % 70}`,
    category: ['books', 'toys', 'home'][n % 3],
    quantity: (n % 7) + 1,
    price: `${n % 40}.${n % 10}`,
    timestamp: new Date(NOW_MS + (n % 5) * 3_600_000).toISOString(),
  };
  const value = Buffer.from(n % 9 === 4 ? '{' : JSON.stringify(order));
  return { offset: String(n), key: Buffer.from('k'), value, headers: {}, timestamp: String(NOW_MS + n) };
}

const isRefusedByStore = (n: number): boolean => n % 11 === 7;

export const batchOf = (first: number, end: number): RecordBatch => ({
  topic: 'orders',
  partition: 0,
  records: Array.from({ length: end - first }, (_, i) => recordOf(first + i)),
  highWatermark: '1000000',
  heartbeat: () => Promise.resolve(),
  isRevoked: () => false,
});

/** A table that keeps, of each bucket, what has the greatest write time, as Cassandra does. */
export class World {
  private readonly stored = new Map<string, StoredBucket>();
  private readonly limbo: Statement[] = [];
  topicId = TOPIC_ID;
  reads = 0;

  rollup(fate: () => Fate, maxBuckets?: number): Rollup {
    const store = {
      findBuckets: (source: string, partition: number, keys: readonly BucketKey[]) => {
        this.reads += keys.length;
        return Promise.resolve(keys.flatMap((key) => this.stored.get(idOf(source, partition, key)) ?? []));
      },
      putStatement: (
        { source, partition, key }: { source: string; partition: number; key: BucketKey },
        values: BucketValues,
      ) =>
        ({
          query: idOf(source, partition, key),
          params: [],
          bucket: { partition, key, values },
        }) as unknown as Statement,
    };
    const write = async (statements: readonly Statement[], acknowledged: (index: number) => void): Promise<void> => {
      let failed = false;
      for (const [index, statement] of statements.entries()) {
        const what = fate();
        if (what === 'late') this.limbo.push(statement);
        if (what === 'acknowledged' || what === 'answer lost') this.apply(statement);
        if (what === 'acknowledged') acknowledged(index);
        else failed = true;
      }
      if (failed) throw Object.assign(new Error('busy'), { name: 'BusyConnectionError' });
    };
    return new Rollup({ store, writer: { write }, askTopicId: () => Promise.resolve(this.topicId) }, maxBuckets);
  }

  /** Writes that were on their way arrive. */
  landLateWrites(): void {
    for (const statement of this.limbo.splice(0)) this.apply(statement);
  }

  /** Without the source, by bucket. */
  buckets(): Map<string, BucketValues> {
    return new Map([...this.stored.values()].map(({ key, values }) => [bucketId(key), values]));
  }

  sources(): Set<string> {
    return new Set([...this.stored.keys()].map((id) => id.split('|')[0]!));
  }

  private apply(statement: Statement): void {
    const { bucket } = statement as unknown as { bucket: StoredBucket };
    const before = this.stored.get(statement.query);
    if (!before || before.values.offset <= bucket.values.offset) this.stored.set(statement.query, bucket);
  }
}

const idOf = (source: string, partition: number, key: BucketKey): string => `${source}|${partition}|${bucketId(key)}`;

/** What a worker does with a batch of which it finishes so many records; the store is asked row by row up to there. */
export async function process(
  rollup: Rollup,
  batch: RecordBatch,
  finished = batch.records.length,
): Promise<BatchOutcome> {
  const count = rollup.begin(batch, ORDERS);
  const refused = new Map<number, Refused>();
  const outcomes: RecordOutcome[] = [];
  for (const [index, record] of batch.records.entries()) {
    const done = transformRecord(ORDERS, record);
    if (done.kind === 'refused') refused.set(index, done);
    else if (done.kind === 'upsert') count.fold.add(done.row, done.origin.writeTimeMicros, Number(record.offset));
    if (index >= finished) outcomes.push({ kind: 'waiting', reason: 'writeTimeout' });
    else if (done.kind === 'refused' || isRefusedByStore(Number(record.offset))) outcomes.push({ kind: 'rejected' });
    else outcomes.push({ kind: 'stored' });
  }
  const whole = finished === batch.records.length;
  const outcome: BatchOutcome = whole
    ? { finished, verdict: 'ok' }
    : { finished, verdict: 'wait', reason: 'writeTimeout' };
  return count.settle(outcome, { outcomes, refused, schemas: NO_SCHEMAS }, 1_000);
}

/** The buckets of the first `end` records of the log, counted at once. */
export function countedLog(end: number): Map<string, BucketValues> {
  const fold = new StatsFold(statsShapeOf(ORDERS.definition));
  for (let n = 0; n < end; n++) {
    const done = transformRecord(ORDERS, recordOf(n));
    if (done.kind === 'upsert' && !isRefusedByStore(n)) fold.add(done.row, done.origin.writeTimeMicros, n);
  }
  return new Map(gainsOf(fold).map(({ id, values }) => [id, values]));
}
