/**
 * The raw sink: kafkajs `eachBatch` → JSON.parse → cassandra-driver, with the columns, headers, consistency, fetch and
 * batch limits of the product, without Nest and without looking at what comes in. The upper limit of one Node process.
 *
 * Argument: RawSinkSettings as JSON. Sends one message once it has joined the group; runs until SIGTERM.
 */
import cassandra from 'cassandra-driver';
import kafkajs, { type EachBatchPayload } from 'kafkajs';
import { BINDERS, type Bound, type StreamName } from './binders.ts';
import { createWindow } from './window.ts';

export interface RawSinkSettings {
  readonly brokers: string;
  readonly contactPoints: string;
  readonly groupId: string;
  readonly topic: string;
  readonly keyspace: string;
  readonly stream: StreamName;
  /** unlogged batches, 16 in flight; or one statement per row, 128 in flight */
  readonly write: 'batches' | 'rows';
}

const BATCH_ROWS = 10;
const BATCH_BYTES = 5_000;
const IN_FLIGHT = { batches: 16, rows: 128 };
const PARTITIONS = 3;

const settings = JSON.parse(process.argv[2]!) as RawSinkSettings;
const binder = BINDERS[settings.stream];
const query = binder.insert(settings.keyspace);
const window = createWindow(IN_FLIGHT[settings.write]);

const client = new cassandra.Client({
  contactPoints: settings.contactPoints.split(','),
  localDataCenter: 'datacenter1',
  protocolOptions: { maxVersion: 4 },
  queryOptions: { consistency: cassandra.types.consistencies.localQuorum, isIdempotent: true, prepare: true },
  encoding: { useUndefinedAsUnset: true },
});
const kafka = new kafkajs.Kafka({
  brokers: settings.brokers.split(','),
  clientId: 'bench-raw-sink',
  logLevel: kafkajs.logLevel.ERROR,
});
const consumer = kafka.consumer({
  groupId: settings.groupId,
  sessionTimeout: 10_000,
  heartbeatInterval: 1_500,
  maxWaitTimeInMs: 500,
  maxBytesPerPartition: 256 * 1024,
  maxBytes: 2 * 1024 * 1024,
  allowAutoTopicCreation: false,
});

async function writeBatches(rows: readonly Bound[]): Promise<void> {
  const sent = createSending();
  for (let begin = 0; begin < rows.length;) {
    const end = endOfBatch(rows, begin);
    const queries = rows.slice(begin, end).map(({ params }) => ({ query, params }));
    begin = end;
    await window.enter();
    sent.add(client.batch(queries, { prepare: true, logged: false }));
  }
  await sent.end();
}

function endOfBatch(rows: readonly Bound[], begin: number): number {
  let end = begin + 1;
  for (let bytes = rows[begin]!.sizeBytes; end < rows.length && end - begin < BATCH_ROWS; end++) {
    bytes += rows[end]!.sizeBytes;
    if (bytes > BATCH_BYTES) break;
  }
  return end;
}

async function writeRows(rows: readonly Bound[]): Promise<void> {
  const sent = createSending();
  for (const { params } of rows) {
    await window.enter();
    sent.add(client.execute(query, params));
  }
  await sent.end();
}

/** Every one leaves the window when it is answered; `end` rejects if one failed, and kafkajs brings its batch again. */
function createSending() {
  const all: Promise<unknown>[] = [];
  let failure: Error | undefined;
  return {
    add(done: Promise<unknown>): void {
      const settled = done.catch((error: Error) => {
        failure ??= error;
      });
      all.push(settled.finally(window.leave));
    },
    async end(): Promise<void> {
      await Promise.all(all);
      if (failure) throw failure;
    },
  };
}

const write = settings.write === 'batches' ? writeBatches : writeRows;

async function eachBatch(payload: EachBatchPayload): Promise<void> {
  const { partition, messages } = payload.batch;
  await write(messages.map((message) => binder.bind(message, partition)));
  await payload.heartbeat();
}

async function stop(): Promise<void> {
  await consumer.disconnect();
  await client.shutdown();
  process.exit();
}

process.once('SIGTERM', () => void stop());
await client.connect();
await consumer.connect();
await consumer.subscribe({ topics: [settings.topic], fromBeginning: true });
consumer.on(consumer.events.GROUP_JOIN, () => process.send?.('joined'));
await consumer.run({ partitionsConsumedConcurrently: PARTITIONS, eachBatch });
