/**
 * Promise 1 within a batch: writes to Cassandra end in any order, and offsets do not. The sink's pipeline and writer on a
 * real broker and a real Cassandra; only when a write may go to Cassandra, or fails before, is told by the test.
 */
import { jest } from '@jest/globals';
import {
  eventually,
  noOffsetBeyondFailure,
  nothingLost,
  orderId,
  orderIds,
  orderJson,
  StoreReader,
  type CommittedSample,
} from '@orderstream/testing';
import cassandra from 'cassandra-driver';
import { CONTACT_POINTS, SCHEMA_TIMEOUT_MS, TestKeyspaces } from './cassandra-store.keyspaces.js';
import { KafkaRig, newName } from './kafka-transport.rig.js';
import { sinkPipeline, type SinkPipeline } from './sink-pipeline.rig.js';

jest.setTimeout(180_000);

const ROWS = 60;
/** Offsets: each record is the order of that number. */
const [EARLIER, LATER] = [10, 30];
/** A key larger than Cassandra takes. */
const TOO_LONG = 'i'.repeat(70_000);

describe('the committed offset never passes a write that is not finished', () => {
  const rig = new KafkaRig();
  const keyspaces = new TestKeyspaces();
  let store: StoreReader;
  let sink: SinkPipeline;
  let groupId: string;
  let samples: CommittedSample[];
  /** why the partition was put back, each time */
  let waits: string[];

  beforeAll(async () => {
    await rig.connect();
  });
  beforeEach(async () => {
    const session = await keyspaces.sessionOn();
    sink = await sinkPipeline(rig, session);
    store = await StoreReader.connect(CONTACT_POINTS.join(','), session.keyspace);
    [groupId, samples, waits] = [newName(), [], []];
  }, SCHEMA_TIMEOUT_MS);
  afterEach(async () => {
    await rig.closeSinks();
    await store.close();
  });
  afterAll(async () => {
    await Promise.all([rig.close(), keyspaces.close()]);
  }, SCHEMA_TIMEOUT_MS);

  /** The sink reads one partition with all of them in one batch. */
  const consume = async (orders: readonly string[]): Promise<void> => {
    await rig.producer.send(
      sink.topic,
      0,
      orders.map((value, n) => ({ key: `k${n}`, value })),
    );
    const events = { onWait: ({ reason }: { reason: string }) => void waits.push(reason) };
    const options = { groupId, sessionTimeoutMs: 30_000, backoff: { initialMs: 50, maxMs: 50 }, events };
    const { listening } = await rig.sink([sink.topic], (batch) => sink.pipeline.process(batch), options);
    await listening;
  };
  /** Looks at what is committed until the condition holds, and once more. */
  const watch = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
    const look = async (): Promise<boolean> => {
      const isOver = await holds();
      samples.push(await rig.committed(groupId, sink.topic));
      return isOver;
    };
    await eventually(look, { timeoutMs: 100_000, everyMs: 10, what }).catch((cause: unknown) => {
      throw new Error(`committed ${samples.at(-1)}, waited for ${waits.join(', ')}`, { cause });
    });
  };
  const isBeyond = (offset: number): boolean => (samples.at(-1) ?? 0n) > BigInt(offset);
  const stored = async (): Promise<Set<string>> => new Set((await store.rows('orders', 'order_id')).keys());
  const allCommitted = (): Promise<void> => rig.commits(groupId, sink.topic, BigInt(ROWS));

  it('while an earlier one is held, and later ones are stored and refused', async () => {
    const release = sink.runner.hold(orderId(EARLIER));
    await consume(Array.from({ length: ROWS }, (_, n) => orderJson(n, n === LATER ? { order_id: TOO_LONG } : {})));
    const others = [...orderIds(0, ROWS)].filter((id) => id !== orderId(EARLIER) && id !== orderId(LATER));
    await watch('all others worked off, twice', async () => {
      const [rows, letters] = [await stored(), await store.count('dead_letters')];
      return (others.every((id) => rows.has(id)) && letters === 1 && waits.length >= 2) || isBeyond(EARLIER);
    });
    noOffsetBeyondFailure(samples, BigInt(EARLIER));
    expect(samples.at(-1)).toBe(BigInt(EARLIER)); // all that may be is
    expect((await stored()).has(orderId(EARLIER))).toBe(false);

    release();
    await allCommitted();
    nothingLost(orderIds(0, ROWS), await stored(), new Set([orderId(LATER)]));
    expect(await store.count('dead_letters')).toBe(1);
  });

  it('while an earlier one is held and a later one has failed, nor the later one once the earlier is stored', async () => {
    let failures = 0;
    const release = sink.runner.hold(orderId(EARLIER));
    sink.runner.beforeByKey.set(orderId(LATER), () => {
      failures++;
      return Promise.reject(new cassandra.errors.OperationTimedOutError('late'));
    });
    await consume(Array.from({ length: ROWS }, (_, n) => orderJson(n)));
    await watch('the later one failed, twice', () => (failures >= 2 && waits.length >= 2) || isBeyond(EARLIER));
    noOffsetBeyondFailure(samples, BigInt(EARLIER));
    expect((await stored()).has(orderId(EARLIER))).toBe(false);

    release();
    samples = [];
    const failuresBefore = failures;
    const isAtLater = (): boolean => samples.at(-1) === BigInt(LATER) && failures >= failuresBefore + 3;
    await watch('the offset comes to the later one', () => isAtLater() || isBeyond(LATER));
    noOffsetBeyondFailure(samples, BigInt(LATER));

    sink.runner.beforeByKey.clear();
    await allCommitted();
    nothingLost(orderIds(0, ROWS), await stored());
  });
});
