/**
 * How a partition waits, against a real broker. What else belongs to it: the prefix, the session and revoked batches in
 * kafka-transport.spec.ts; handlers that throw and heartbeats that fail in libs/kafka's batch-runner.spec.ts; the
 * deadline and the guilty row of a batch in the sink's cassandra-writer.spec.ts and one-bad-record-stops-nothing.spec.ts.
 */
import type { BatchOutcome, RecordBatch } from '@orderstream/kafka';
import { finishAll, KafkaRig, newName, rows, until, type Handle } from './kafka-transport.rig.js';

const rig = new KafkaRig();
const { producer } = rig;
beforeAll(() => rig.connect());
afterEach(() => rig.closeSinks());
afterAll(() => rig.close());

/** Whoever waits does so until the end of the test, unless something else resumes it. */
const FOR_EVER = { initialMs: 600_000, maxMs: 600_000 };
const WAIT: BatchOutcome = { finished: 0, verdict: 'wait', reason: 'no host' };

describe('a handler that takes its time', () => {
  // Within one fetch: kafkajs reads no more from a broker before all that a fetch brought from it is handled.
  it('holds back no other partition that its fetch brought, nor another topic', async () => {
    const [topic, other, groupId] = [await rig.newTopic(3), await rig.newTopic(), newName()];
    const places: [string, number][] = [...[0, 1, 2].map((n): [string, number] => [topic, n]), [other, 0]];
    await Promise.all(places.map(([name, partition]) => producer.send(name, partition, rows(5))));
    const releases = new Map<string, () => void>();
    const handle: Handle = async (batch) => {
      await new Promise<void>((release) => releases.set(`${batch.topic}/${batch.partition}`, release));
      return finishAll(batch);
    };
    const { listening } = await rig.sink([topic, other], handle, { groupId, sessionTimeoutMs: 30_000 });
    await listening;
    await until(() => releases.size === places.length); // all are held at once: as many workers as partitions
    const committed = (): Promise<unknown[]> => Promise.all(places.map(([name, n]) => rig.committed(groupId, name, n)));
    // That of partition 0 to the end; the other topic first.
    for (let held = places.length - 1; held >= 0; held--) {
      const [name, partition] = places[held]!;
      releases.get(`${name}/${partition}`)!();
      await rig.commits(groupId, name, 5n, partition);
      expect(await committed()).toEqual(places.map((_, at) => (at < held ? null : 5n)));
    }
  }, 30_000);
});

describe('a partition that waits', () => {
  it('lets the others of its topic and of other topics go on', async () => {
    const [topic, other, groupId] = [await rig.newTopic(3), await rig.newTopic(), newName()];
    await producer.send(topic, 0, rows(5));
    let waits = 0;
    const handle: Handle = (batch) => (batch.topic === topic && batch.partition === 0 ? WAIT : finishAll(batch));
    const options = { groupId, backoff: FOR_EVER, sessionTimeoutMs: 30_000, events: { onWait: () => void waits++ } };
    const { listening, server } = await rig.sink([topic, other], handle, options);
    await listening;
    await until(() => waits === 1);
    for (let from = 0; from < 3; from++) {
      await Promise.all([1, 2].map((partition) => producer.send(topic, partition, rows(10, from * 10))));
      await producer.send(other, 0, rows(10, from * 10));
      const passed = BigInt(from + 1) * 10n;
      await Promise.all([1, 2].map((partition) => rig.commits(groupId, topic, passed, partition)));
      await rig.commits(groupId, other, passed);
    }
    expect(await rig.committed(groupId, topic, 0)).toBeNull();
    expect([waits, server.health().stopped]).toEqual([1, []]);
  }, 30_000);

  it('is read again when it leaves its member and returns', async () => {
    const [topic, groupId] = [await rig.newTopic(2), newName()];
    await Promise.all([0, 1].map((partition) => producer.send(topic, partition, rows(5))));
    let [waits, joins] = [0, 0];
    let isStoreThere = false;
    const seen = new Set<string>();
    const handle = (batch: RecordBatch): BatchOutcome => {
      if (!isStoreThere) return WAIT;
      for (const { offset } of batch.records) seen.add(`${batch.partition}/${offset}`);
      return finishAll(batch);
    };
    const events = { onWait: () => void waits++, onJoin: () => void joins++ };
    const first = await rig.sink([topic], handle, { groupId, backoff: FOR_EVER, events });
    await first.listening;
    await until(() => waits === 2); // kafkajs has both paused now, for ever as far as it knows

    const second = await rig.sink([topic], () => WAIT, { groupId, backoff: FOR_EVER });
    await second.listening;
    await until(() => first.server.assignment()[topic]?.length === 1);
    const [gone] = second.server.assignment()[topic]!;
    isStoreThere = true;
    const joinsBefore = joins;
    await second.close(); // it commits nothing: its partition comes back as it was
    await until(() => joins > joinsBefore && first.server.assignment()[topic]?.length === 2);

    await Promise.all([0, 1].map((partition) => rig.commits(groupId, topic, 5n, partition)));
    expect([...seen].filter((place) => place.startsWith(`${gone}/`))).toHaveLength(5);
  }, 40_000);
});
