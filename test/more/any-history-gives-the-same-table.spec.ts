/**
 * Promise 2 as a property: random histories of updates, cleared fields, deletions and copies, with and without a write
 * time of their own, delivered in any order over all partitions to a sink that is killed on its way; read twice from
 * their beginning. The table is what the model says, the write time of every cell included.
 */
import { jest } from '@jest/globals';
import fc from 'fast-check';
import { connectWhenReady, createCassandra, type CassandraSession } from '@orderstream/cassandra';
import { createKafka, createPartitionProducer, type OutMessage, type PartitionProducer } from '@orderstream/kafka';
import { KafkaTopics, Sandbox, StoreReader } from '@orderstream/testing';
import { COLUMNS, expectedUsers, type RowView } from './random-histories.model.js';
import { deliveriesOf, randomRun } from './random-histories.js';

jest.setTimeout(240_000);

const USERS = 1000;
/** Small record batches: a fetch brings whole ones. */
const SEND_ROWS = 50;
/** The last offset before the remainder of 1000 begins again. */
const PAIR_OFFSET = 1999;

describe('any history, in any order', () => {
  let world: Sandbox;
  let topics: KafkaTopics;
  let producer: PartitionProducer;
  let session: CassandraSession;
  let store: StoreReader;
  let topic: string;

  beforeAll(async () => {
    // Small fetches, so that a kill falls between many.
    world = await (await Sandbox.forTests({ KAFKA_MAX_BYTES_PER_PARTITION: '8KiB' })).start();
    const { brokers, contactPoints } = world.options;
    topics = KafkaTopics.on(brokers);
    topic = world.topic('users_created');
    producer = createPartitionProducer(createKafka({ brokers: brokers.split(','), clientId: 'random-histories' }));
    await producer.connect();
    store = await StoreReader.connect(contactPoints, world.keyspace);
    session = createCassandra({
      contactPoints: contactPoints.split(','),
      localDataCenter: 'datacenter1',
      keyspace: world.keyspace,
    });
    await connectWhenReady(session, AbortSignal.timeout(60_000));
    await world.sink.stop(); // everything lies in the log before the first record is read
  });
  afterAll(async () => {
    await Promise.all([producer?.disconnect(), store?.close(), session?.close(), world?.close()]);
  });

  async function send(partition: number, messages: readonly OutMessage[]): Promise<void> {
    for (let from = 0; from < messages.length; from += SEND_ROWS) {
      await producer.send(topic, partition, messages.slice(from, from + SEND_ROWS));
    }
  }

  /** Two records without a write time in one millisecond, on both sides of a multiple of 1000. */
  async function sendPair(baseMs: number): Promise<void> {
    const timestamp = String(baseMs);
    const user = (id: string, first_name: string): OutMessage => ({
      key: id,
      value: JSON.stringify({ id, first_name }),
      timestamp,
    });
    await send(
      0,
      Array.from({ length: PAIR_OFFSET }, (_, n) => user(`filler-${n % 7}`, `${n}`)),
    );
    const { baseOffset } = await producer.send(topic, 0, [user('pair', 'at 1999'), user('pair', 'at 2000')]);
    expect(baseOffset).toBe(String(PAIR_OFFSET));
  }

  async function stored(): Promise<Map<string, RowView>> {
    const cells = COLUMNS.map((column) => `${column}, WRITETIME(${column}) AS at_${column}`).join(', ');
    const rows = new Map<string, RowView>();
    for await (const page of session.pages(`SELECT id, ${cells} FROM ${world.keyspace}.created_users`, [], {})) {
      for (const row of page) {
        const text = (name: string): string | null => {
          const value = row[name] as { toString(): string } | null;
          return value === null ? null : value.toString();
        };
        const view = COLUMNS.map((column) => [column, [text(column), text(`at_${column}`)]]);
        rows.set(String(row['id']), Object.fromEntries(view) as RowView);
      }
    }
    return rows;
  }

  /** Reads the topic to its end and dies once on the way. */
  async function readWithKill(total: number, killAtPercent: number): Promise<void> {
    world.sink.spawn();
    await topics.untilCommitted(world.id, topic, Math.ceil((total * killAtPercent) / 100));
    await world.sink.kill();
    expect(await topics.committed(world.id, topic)).toBeLessThan(total);
    await world.sink.start();
    await topics.untilCommitted(world.id, topic, total);
  }

  it('gives the table that the model gives, and gives it again at a replay', async () => {
    const property = fc.asyncProperty(randomRun(USERS), async (run) => {
      const baseMs = Date.now() - 60_000;
      await sendPair(baseMs);
      for (const [partition, messages] of deliveriesOf(run, baseMs)) await send(partition, messages);
      const records = await topics.read(topic);
      const expected = expectedUsers(records);
      const gone = run.histories.map((_, n) => `user-${n}`).filter((id) => !expected.has(id));
      expect([expected.size > USERS / 4, gone.length > USERS / 20]).toEqual([true, true]); // the run is worth its name

      await readWithKill(records.length, run.kills[0]);
      expect(await stored()).toEqual(expected);
      expect((await stored()).get('pair')!['first_name']![0]).toBe('at 1999');
      const image = await store.image('created_users');

      await world.sink.stop();
      await topics.rewind(world.id, [topic]);
      await readWithKill(records.length, run.kills[1]);
      expect(await stored()).toEqual(expected);
      expect(await store.image('created_users')).toEqual(image);
    });
    // One run of many histories, for each run costs two deaths of the sink; a failure names its seed.
    await fc.assert(property, { numRuns: 1, endOnFailure: true });
  });
});
