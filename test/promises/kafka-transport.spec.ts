/** libs/kafka against a real broker: nothing here stands in for Kafka. Every test has topics and groups of its own. */
import { jobOf, rowOf } from '@orderstream/contracts';
import {
  createKafka,
  createPartitionProducer,
  ensureTopics,
  KafkaAdmin,
  type KafkaRecord,
  type RecordBatch,
  type StoppedPartition,
} from '@orderstream/kafka';
import { FaultProxy } from '@orderstream/testing';
import {
  finishAll,
  kafkaOptions,
  KafkaRig,
  newName,
  offsets,
  rows,
  until,
  type Handle,
} from './kafka-transport.rig.js';

const rig = new KafkaRig();
const { admin, kafka, producer } = rig;
beforeAll(() => rig.connect());
afterEach(() => rig.closeSinks());
afterAll(() => rig.close());

describe('the consumer', () => {
  it('gets what was acknowledged, byte for byte and in order, as batches', async () => {
    const [topic, groupId] = [await rig.newTopic(), newName()];
    const seen: KafkaRecord[] = [];
    let batches = 0;
    const handle: Handle = (batch) => {
      batches++;
      seen.push(...batch.records);
      return finishAll(batch);
    };
    const { listening, server } = await rig.sink([topic], handle, { groupId });
    await listening;
    expect(server.assignment()).toEqual({ [topic]: [0] });

    const headers = { 'os-job': 'j1', 'os-row': '7' };
    const first = await producer.send(topic, 0, rows(500));
    const second = await producer.send(topic, 0, [{ key: null, value: null, headers, timestamp: '1700000000000' }]);
    expect([first.baseOffset, first.count, second.baseOffset]).toEqual(['0', 500, '500']);
    await rig.commits(groupId, topic, 501n);

    expect(seen.map((r) => r.offset)).toEqual(offsets(501));
    expect(seen[499]).toMatchObject({ key: Buffer.from('k499'), value: Buffer.from('{"row":499}') });
    expect(seen[500]).toMatchObject({ key: null, value: null, timestamp: '1700000000000' });
    expect([jobOf(seen[500]!), rowOf(seen[500]!)]).toEqual(['j1', '7']);
    expect(batches).toBeLessThan(20);
  });

  it('commits exactly the finished prefix while it waits for a store, and goes on by itself', async () => {
    const [topic, groupId] = [await rig.newTopic(), newName()];
    await producer.send(topic, 0, rows(20));
    let storeIsThere = false;
    const stored: string[] = [];
    let waits = 0;
    const handle: Handle = ({ records }) => {
      const finished = storeIsThere ? records.length : records.findIndex((r) => r.offset === '5');
      stored.push(...records.slice(0, finished).map((r) => r.offset));
      return storeIsThere ? { finished, verdict: 'ok' } : { finished, verdict: 'wait', reason: 'no host' };
    };
    const { listening, server } = await rig.sink([topic], handle, { groupId, events: { onWait: () => void waits++ } });
    await listening;

    await until(() => waits >= 4);
    expect(await rig.committed(groupId, topic)).toBe(5n);
    expect(server.health()).toEqual({ joined: true, stopped: [], crashed: false });
    storeIsThere = true;
    await rig.commits(groupId, topic, 20n);
    expect(stored).toEqual(offsets(20));
  });

  it('keeps its place in the group while a store is away for longer than the session', async () => {
    const [topic, groupId] = [await rig.newTopic(), newName()];
    await producer.send(topic, 0, rows(3));
    let joins = 0;
    let tries = 0;
    let storeIsBackAt = Infinity;
    const handle: Handle = (batch) => {
      if (tries++ === 0) storeIsBackAt = Date.now() + 13_000;
      return Date.now() > storeIsBackAt ? finishAll(batch) : { finished: 0, verdict: 'wait', reason: 'no host' };
    };
    const events = { onJoin: () => void joins++ };
    const { listening } = await rig.sink([topic], handle, {
      groupId,
      events,
      sessionTimeoutMs: 10_000,
      backoff: { initialMs: 200, maxMs: 1_000 },
    });
    await listening;
    await until(() => Date.now() > storeIsBackAt);
    await rig.commits(groupId, topic, 3n);
    expect(joins).toBe(1);
    expect(tries).toBeGreaterThan(5);
  }, 120_000);

  it('stops only the partition whose record fails five times, and goes on behind it when told to skip', async () => {
    const [topic, groupId] = [await rig.newTopic(2), newName()];
    await Promise.all([producer.send(topic, 0, rows(10)), producer.send(topic, 1, rows(10))]);
    const tries: string[] = [];
    const stops: StoppedPartition[] = [];
    const handle: Handle = (batch) => {
      const bad = batch.partition === 0 ? batch.records.findIndex((r) => r.offset === '3') : -1;
      if (bad < 0) return finishAll(batch);
      tries.push(batch.records[0]!.offset);
      if (bad === 0) throw new TypeError('nobody expected this');
      return { finished: bad, verdict: 'unknown', error: new Error('nobody expected this') };
    };
    const events = { onStop: (stop: StoppedPartition) => void stops.push(stop) };
    const backoff = { initialMs: 20, maxMs: 50 };
    const { listening, server } = await rig.sink([topic], handle, { groupId, events, backoff });
    await listening;

    await until(() => stops.length === 1);
    expect(tries).toEqual(['0', '3', '3', '3', '3']);
    expect(stops[0]).toMatchObject({ topic, partition: 0, offset: '3', error: new TypeError('nobody expected this') });
    await producer.send(topic, 1, rows(5, 10));
    await rig.commits(groupId, topic, 15n, 1);
    expect(await rig.committed(groupId, topic, 0)).toBe(3n);
    expect(server.health()).toMatchObject({ joined: true, crashed: false, stopped: [{ offset: '3' }] });

    expect(server.skipRecord({ topic, partition: 0 }, '2')).toBeUndefined();
    expect(server.skipRecord({ topic, partition: 0 }, '3')).toMatchObject({ offset: '3' });
    await rig.commits(groupId, topic, 10n);
    expect(server.health().stopped).toEqual([]);
    expect(tries).toHaveLength(5);
  });

  it('tries a stopped partition again when told to', async () => {
    const [topic, groupId] = [await rig.newTopic(), newName()];
    await producer.send(topic, 0, rows(2));
    let isMended = false;
    const handle: Handle = (batch) =>
      isMended ? finishAll(batch) : { finished: 0, verdict: 'unknown', error: new Error('nobody expected this') };
    const backoff = { initialMs: 20, maxMs: 50 };
    const { listening, server } = await rig.sink([topic], handle, { groupId, backoff, unknownTries: 2 });
    await listening;
    await until(() => server.stoppedPartitions().length === 1);
    isMended = true;
    expect(server.retryPartition({ topic, partition: 0 })).toBe(true);
    await rig.commits(groupId, topic, 2n);
    expect(server.retryPartition({ topic, partition: 0 })).toBe(false);
  });

  it('lets a running batch finish and commits it when it is closed, and leaves its place at once', async () => {
    const [topic, groupId] = [await rig.newTopic(), newName()];
    await producer.send(topic, 0, rows(8));
    let finish: (() => void) | undefined;
    const handle: Handle = async (batch) => {
      await new Promise<void>((resolve) => (finish = resolve));
      return finishAll(batch);
    };
    const { listening, close } = await rig.sink([topic], handle, { groupId, sessionTimeoutMs: 30_000 });
    await listening;
    await until(() => finish !== undefined);
    const closedAt = Date.now();
    const closing = close();
    finish!();
    await closing;
    expect(await rig.committed(groupId, topic)).toBe(8n);
    const next = await rig.sink([topic], finishAll, { groupId });
    await next.listening;
    expect(Date.now() - closedAt).toBeLessThan(15_000); // less than the session of who has left
  });

  it('abandons a batch that does not end by the deadline, and commits nothing of it', async () => {
    const [topic, groupId] = [await rig.newTopic(), newName()];
    await producer.send(topic, 0, rows(8));
    let endless: RecordBatch | undefined;
    const handle: Handle = (batch) => {
      endless = batch;
      return new Promise(() => undefined);
    };
    const { listening, close } = await rig.sink([topic], handle, { groupId, closeDeadlineMs: 300 });
    await listening;
    await until(() => endless !== undefined);
    await close(); // the handler never ends, so without the deadline nor would this
    expect(endless!.isRevoked()).toBe(true);
    expect(await rig.committed(groupId, topic)).toBeNull();
  });

  it('commits nothing of a batch that outlives its place in the group; it comes again', async () => {
    const [topic, groupId] = [await rig.newTopic(2), newName()];
    await Promise.all([producer.send(topic, 0, rows(5)), producer.send(topic, 1, rows(5))]);
    const finished = new Set<string>();
    let [joins, abandoned] = [0, 0];
    let isSlow = true;
    const handle: Handle = async (batch) => {
      if (isSlow) {
        // Beats until the group says that it rebalances, and then claims to be done.
        const isLost = (): Promise<boolean> =>
          batch
            .heartbeat()
            .then(() => false)
            .catch(() => true);
        await until(isLost);
        isSlow = false;
      } else for (const { offset } of batch.records) finished.add(`${batch.partition}/${offset}`);
      return finishAll(batch);
    };
    const events = { onJoin: () => void joins++, onAbandoned: () => void abandoned++ };
    const first = await rig.sink([topic], handle, { groupId, events });
    await first.listening;
    const second = await rig.sink([topic], handle, { groupId });
    await second.listening;
    await until(() => finished.size === 10);
    expect([joins > 1, abandoned > 0]).toEqual([true, true]);
    await Promise.all([rig.commits(groupId, topic, 5n, 0), rig.commits(groupId, topic, 5n, 1)]);
    const owned = [first, second].flatMap(({ server }) => server.assignment()[topic]!);
    expect([...owned].sort()).toEqual([0, 1]);
  }, 30_000);

  it('reads paused partitions again at once when the group rebalances', async () => {
    const [topic, groupId] = [await rig.newTopic(2), newName()];
    await Promise.all([producer.send(topic, 0, rows(5)), producer.send(topic, 1, rows(5))]);
    let waits = 0;
    const handle: Handle = (batch) =>
      waits < 2 ? { finished: 0, verdict: 'wait', reason: 'no host' } : finishAll(batch);
    const options = { groupId, backoff: { initialMs: 600_000, maxMs: 600_000 } };
    const first = await rig.sink([topic], handle, { ...options, events: { onWait: () => void waits++ } });
    await until(() => waits === 2);
    const second = await rig.sink([topic], finishAll, options);
    await Promise.all([first.listening, second.listening]);
    await Promise.all([rig.commits(groupId, topic, 5n, 0), rig.commits(groupId, topic, 5n, 1)]);
  }, 30_000);

  it('waits for a topic that is not there yet, and says so', async () => {
    const [topic, groupId] = [newName(), newName()];
    let waits = 0;
    const { listening } = await rig.sink([topic], finishAll, { groupId, events: { onWaiting: () => void waits++ } });
    await until(() => waits > 0);
    const reports = await ensureTopics(kafka, [{ topic, partitions: 1 }]);
    expect(reports).toEqual([
      { topic, created: true, partitions: 1, expectedPartitions: 1, unexpectedlyCompacted: false },
    ]);
    await listening;
    await producer.send(topic, 0, rows(1));
    await rig.commits(groupId, topic, 1n);
  }, 30_000);

  it('refuses two handlers of one topic', async () => {
    const { listening } = await rig.sink(['twice', 'twice'], finishAll);
    await expect(listening).rejects.toThrow('Topic twice has two handlers');
  });
});

describe('a bootstrap broker that takes connections and hangs up', () => {
  it('keeps no client from the others', async () => {
    const dead = await FaultProxy.to(kafkaOptions().brokers[0]!);
    dead.refuse();
    // Four clients, because each begins with any of the two.
    const clients = Array.from({ length: 4 }, () => {
      const kafka = createKafka({ ...kafkaOptions(), brokers: [dead.address, ...kafkaOptions().brokers] });
      return [new KafkaAdmin(kafka), createPartitionProducer(kafka)];
    }).flat();
    try {
      const signal = AbortSignal.timeout(30_000);
      await Promise.all(clients.map((client) => client.connect(signal)));
    } finally {
      await Promise.all(clients.map((client) => client.disconnect()));
      await dead.close();
    }
  }, 40_000);
});

describe('topics and offsets', () => {
  it('are made once by two processes at the same time, and another partition count is reported', async () => {
    const specs = [1, 2, 3].map((partitions) => ({ topic: newName(), partitions }));
    const both = [createKafka(kafkaOptions()), createKafka(kafkaOptions())].map((k) => ensureTopics(k, specs));
    for (const report of await Promise.all(both)) expect(report.map((r) => r.partitions)).toEqual([1, 2, 3]);
    const { topic } = specs[0]!;
    const again = await ensureTopics(kafka, [{ topic, partitions: 4 }]);
    expect(again).toEqual([
      { topic, created: false, partitions: 1, expectedPartitions: 4, unexpectedlyCompacted: false },
    ]);
  });

  it('are reported when they are compacted and should not be', async () => {
    const topic = newName();
    const spec = { topic, partitions: 1, config: { 'cleanup.policy': 'compact' } };
    expect(await ensureTopics(kafka, [spec])).toMatchObject([{ unexpectedlyCompacted: false }]);
    expect(await ensureTopics(kafka, [{ topic, partitions: 1 }])).toMatchObject([{ unexpectedlyCompacted: true }]);
    const plain = await rig.newTopic();
    expect([await rig.admin.isCompacted(topic), await rig.admin.isCompacted(plain)]).toEqual([true, false]);
  });

  it("are refused with Kafka's reason when a name is impossible", async () => {
    const impossible = ensureTopics(kafka, [{ topic: 'no spaces', partitions: 1 }]);
    await expect(impossible).rejects.toMatchObject({ type: 'INVALID_TOPIC_EXCEPTION' });
  });

  it('say where a partition begins and ends', async () => {
    const topic = await rig.newTopic(2);
    await producer.send(topic, 1, rows(7));
    const ends = (await admin.fetchEnds([topic])).get(topic)!;
    expect([...ends]).toEqual([
      [0, { low: 0n, high: 0n }],
      [1, { low: 0n, high: 7n }],
    ]);
    expect((await admin.fetchCommitted(newName(), [topic])).get(topic)!.get(1)).toBeNull();
    expect((await admin.describeBroker(5_000)).brokers.length).toBeGreaterThan(0);
  });
});

describe('the producer', () => {
  it('gives each of many concurrent single records its own offset', async () => {
    const topic = await rig.newTopic(3);
    expect(await producer.partitionCount(topic)).toBe(3);
    const sends = Array.from({ length: 300 }, (_, i) =>
      producer.send(topic, i % 3, [{ key: `k${i}`, value: `${i}` }], { priority: true }),
    );
    const results = await Promise.all(sends);
    for (const partition of [0, 1, 2]) {
      expect(results.filter((r) => r.partition === partition).map((r) => r.baseOffset)).toEqual(offsets(100));
    }
  });

  it('rejects a record that is too large, and it alone', async () => {
    const topic = await rig.newTopic();
    const large = producer.send(topic, 0, [{ key: 'x', value: Buffer.alloc(2_000_000) }], { priority: true });
    const small = producer.send(topic, 0, rows(1), { priority: true });
    await expect(large).rejects.toMatchObject({ name: 'KafkaSendError', code: 'message_too_large', retriable: false });
    await expect(small).resolves.toMatchObject({ baseOffset: '0', count: 1 });
  });

  it('tries a topic that is not there until the caller stops waiting, and says that it may be sent again', async () => {
    const send = producer.send(newName(), 0, rows(1), { signal: AbortSignal.timeout(300) });
    await expect(send).rejects.toMatchObject({ code: 'aborted', retriable: true });
  });
});
