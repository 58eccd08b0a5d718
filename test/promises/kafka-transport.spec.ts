/**
 * libs/kafka against a real broker: nothing here stands in for Kafka. Every test has a topic and a group of its own.
 */
import { randomUUID } from 'node:crypto';
import { Controller, Module, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern } from '@nestjs/microservices';
import {
  BatchExceptionFilter,
  BatchServerKafka,
  createKafka,
  createPartitionProducer,
  ensureTopics,
  jobOf,
  KafkaAdmin,
  rowOf,
  type BatchOutcome,
  type BatchServerEvents,
  type BatchServerOptions,
  type KafkaRecord,
  type OutMessage,
  type PartitionProducer,
  type RecordBatch,
  type StoppedPartition,
} from '@orderstream/kafka';
import { eventually } from '@orderstream/testing';

type Handle = (batch: RecordBatch) => BatchOutcome | Promise<BatchOutcome>;

const kafkaOptions = () => {
  const brokers = process.env.TEST_KAFKA_BROKERS;
  if (!brokers) throw new Error('TEST_KAFKA_BROKERS is not set; run this file through the jest project "stack"');
  return { brokers: brokers.split(','), clientId: 'kafka-transport-spec' };
};

const kafka = createKafka(kafkaOptions());
const admin = new KafkaAdmin(kafka);
let producer: PartitionProducer;
const closers: Array<() => Promise<unknown>> = [];

beforeAll(async () => {
  producer = createPartitionProducer(kafka);
  await Promise.all([admin.connect(), producer.connect()]);
});

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

afterAll(async () => {
  await producer.disconnect();
  await admin.disconnect();
});

/** Waits until what is read satisfies the condition. */
async function until<T>(read: () => T | Promise<T>, holds: (value: T) => boolean): Promise<void> {
  await eventually(async () => holds(await read()), { timeoutMs: 20_000, everyMs: 20, what: String(holds) });
}

async function newTopic(partitions = 1): Promise<string> {
  const topic = `t-${randomUUID()}`;
  await ensureTopics(kafka, [{ topic, partitions }]);
  return topic;
}

const rows = (count: number, from = 0): OutMessage[] =>
  Array.from({ length: count }, (_, i) => ({ key: `k${from + i}`, value: JSON.stringify({ row: from + i }) }));

interface Sink {
  readonly app: INestMicroservice;
  readonly server: BatchServerKafka;
  /** resolves when joined */
  readonly listening: Promise<unknown>;
  close(): Promise<unknown>;
}

async function sinkOf(
  topics: readonly string[],
  handle: Handle,
  options: Partial<BatchServerOptions> = {},
): Promise<Sink> {
  const controllers = topics.map((topic) => {
    class TopicController {
      handle(batch: RecordBatch): BatchOutcome | Promise<BatchOutcome> {
        return handle(batch);
      }
    }
    EventPattern(topic)(
      TopicController.prototype,
      'handle',
      Object.getOwnPropertyDescriptor(TopicController.prototype, 'handle')!,
    );
    Controller()(TopicController);
    return TopicController;
  });
  class SinkModule {}
  Module({ controllers })(SinkModule);
  const server = new BatchServerKafka({
    kafka: kafkaOptions(),
    groupId: `g-${randomUUID()}`,
    sessionTimeoutMs: 6_000,
    heartbeatIntervalMs: 1_000,
    ...options,
  });
  const app = await NestFactory.createMicroservice(SinkModule, { strategy: server, logger: false });
  app.useGlobalFilters(new BatchExceptionFilter());
  const close = (): Promise<unknown> => app.close();
  closers.push(close);
  return { app, server, listening: app.listen(), close };
}

const committed = async (group: string, topic: string, partition = 0): Promise<bigint | null | undefined> =>
  (await admin.fetchCommitted(group, [topic])).get(topic)?.get(partition);

const finishAll = ({ records }: RecordBatch): BatchOutcome => ({ finished: records.length, verdict: 'ok' });

describe('the Kafka transport', () => {
  it('delivers what was acknowledged, byte for byte and in order, as batches', async () => {
    const topic = await newTopic();
    const group = `g-${randomUUID()}`;
    const seen: KafkaRecord[] = [];
    const batchSizes: number[] = [];
    const { listening, server } = await sinkOf(
      [topic],
      (batch) => {
        seen.push(...batch.records);
        batchSizes.push(batch.records.length);
        return finishAll(batch);
      },
      { groupId: group },
    );
    await listening;
    expect(server.assignment()).toEqual({ [topic]: [0] });

    const headers = { 'os-job': 'j1', 'os-row': '7' };
    const first = await producer.send(topic, 0, rows(500));
    const second = await producer.send(topic, 0, [{ key: null, value: null, headers, timestamp: '1700000000000' }]);
    expect([first.baseOffset, first.count, second.baseOffset]).toEqual(['0', 500, '500']);

    await until(
      () => seen.length,
      (n) => n >= 501,
    );
    expect(seen.map((r) => r.offset)).toEqual(Array.from({ length: 501 }, (_, i) => String(i)));
    expect(seen[499]).toMatchObject({ key: Buffer.from('k499'), value: Buffer.from('{"row":499}') });
    const last = seen[500]!;
    expect([last.key, last.value, last.timestamp, jobOf(last), rowOf(last)]).toEqual([
      null,
      null,
      '1700000000000',
      'j1',
      '7',
    ]);
    expect(batchSizes.length).toBeLessThan(20);
    await until(
      () => committed(group, topic),
      (offset) => offset === 501n,
    );
  });

  it('commits exactly the finished prefix while it waits for a store, and goes on by itself', async () => {
    const topic = await newTopic();
    const group = `g-${randomUUID()}`;
    await producer.send(topic, 0, rows(20));
    let storeIsThere = false;
    const stored: string[] = [];
    const waits: number[] = [];
    const handle: Handle = ({ records }) => {
      const finished = storeIsThere ? records.length : records.findIndex((r) => r.offset === '5');
      stored.push(...records.slice(0, finished).map((r) => r.offset));
      return storeIsThere ? { finished, verdict: 'ok' } : { finished, verdict: 'wait', reason: 'no host' };
    };
    const events: BatchServerEvents = { onWait: ({ delayMs }) => void waits.push(delayMs) };
    const { listening, server } = await sinkOf([topic], handle, { groupId: group, events });
    await listening;

    await until(
      () => waits.length,
      (n) => n >= 4,
    );
    expect(await committed(group, topic)).toBe(5n);
    expect(server.health()).toEqual({ joined: true, stopped: [], crashed: false });
    storeIsThere = true;
    await until(
      () => committed(group, topic),
      (offset) => offset === 20n,
    );
    expect(stored).toEqual(Array.from({ length: 20 }, (_, i) => String(i)));
  });

  it('keeps its place in the group while a store is away for longer than the session', async () => {
    const topic = await newTopic();
    await producer.send(topic, 0, rows(3));
    const joins: unknown[] = [];
    let tries = 0;
    const since = Date.now();
    const handle: Handle = (batch) => {
      tries++;
      return Date.now() - since > 9_000 ? finishAll(batch) : { finished: 0, verdict: 'wait', reason: 'no host' };
    };
    const group = `g-${randomUUID()}`;
    const events: BatchServerEvents = { onJoin: (assignment) => void joins.push(assignment) };
    const { listening } = await sinkOf([topic], handle, {
      groupId: group,
      events,
      backoff: { initialMs: 200, maxMs: 1_000 },
    });
    await listening;
    await until(
      () => committed(group, topic),
      (offset) => offset === 3n,
    );
    expect(joins).toHaveLength(1);
    expect(tries).toBeGreaterThan(5);
  }, 30_000);

  it('stops only the partition whose record fails five times, commits nothing of it, and the others go on', async () => {
    const topic = await newTopic(2);
    const group = `g-${randomUUID()}`;
    await producer.send(topic, 0, rows(10));
    await producer.send(topic, 1, rows(10));
    const tries: string[] = [];
    const stops: StoppedPartition[] = [];
    const handle: Handle = (batch) => {
      const bad = batch.partition === 0 ? batch.records.findIndex((r) => r.offset === '3') : -1;
      if (bad < 0) return finishAll(batch);
      tries.push(batch.records[0]!.offset);
      if (bad === 0) throw new TypeError('nobody expected this');
      return { finished: bad, verdict: 'unknown', error: new Error('nobody expected this') };
    };
    const events: BatchServerEvents = { onStop: (stop) => void stops.push(stop) };
    const backoff = { initialMs: 20, maxMs: 50 };
    const { listening, server } = await sinkOf([topic], handle, { groupId: group, events, backoff });
    await listening;

    await until(
      () => stops.length,
      (n) => n === 1,
    );
    expect(tries).toEqual(['0', '3', '3', '3', '3']);
    expect(stops[0]).toMatchObject({ topic, partition: 0, offset: '3' });
    expect((stops[0]!.error as Error).message).toBe('nobody expected this');
    await producer.send(topic, 1, rows(5, 10));
    await until(
      () => committed(group, topic, 1),
      (offset) => offset === 15n,
    );
    expect(await committed(group, topic, 0)).toBe(3n);
    expect(server.stoppedPartitions()).toHaveLength(1);
    expect(server.health()).toMatchObject({ joined: true, crashed: false });

    const skipped = server.skipRecord({ topic, partition: 0 }, '3');
    expect(skipped?.offset).toBe('3');
    await until(
      () => committed(group, topic, 0),
      (offset) => offset === 10n,
    );
    expect(server.health().stopped).toEqual([]);
    expect(tries).toHaveLength(5);
  });

  it('lets a running batch finish and commits it when it is closed, promptly', async () => {
    const topic = await newTopic();
    const group = `g-${randomUUID()}`;
    await producer.send(topic, 0, rows(8));
    let started = false;
    let finish!: () => void;
    const gate = new Promise<void>((resolve) => (finish = resolve));
    const { listening, close } = await sinkOf(
      [topic],
      async (batch) => {
        started = true;
        await gate;
        return finishAll(batch);
      },
      { groupId: group },
    );
    await listening;
    await until(() => started, Boolean);
    const since = Date.now();
    const closing = close();
    finish();
    await closing;
    expect(Date.now() - since).toBeLessThan(3_000);
    expect(await committed(group, topic)).toBe(8n);

    // The place in the group is free at once: a second member does not wait for a session to end.
    const rejoinedAt = Date.now();
    const second = await sinkOf([topic], finishAll, { groupId: group });
    await second.listening;
    expect(Date.now() - rejoinedAt).toBeLessThan(4_000);
  });

  it('abandons a batch that does not end by the deadline, and commits nothing of it', async () => {
    const topic = await newTopic();
    const group = `g-${randomUUID()}`;
    await producer.send(topic, 0, rows(8));
    let batchOfNever: RecordBatch | undefined;
    const { listening, close } = await sinkOf(
      [topic],
      (batch) => {
        batchOfNever = batch;
        return new Promise<BatchOutcome>(() => undefined);
      },
      { groupId: group, closeDeadlineMs: 300 },
    );
    await listening;
    await until(() => batchOfNever, Boolean);
    const since = Date.now();
    await close();
    expect(Date.now() - since).toBeLessThan(3_000);
    expect(batchOfNever!.isRevoked()).toBe(true);
    expect(await committed(group, topic)).toBeNull();
  });

  it('resolves nothing of a batch that outlives its place in the group; it comes again, and nothing is lost', async () => {
    const topic = await newTopic(2);
    const group = `g-${randomUUID()}`;
    await producer.send(topic, 0, rows(5));
    await producer.send(topic, 1, rows(5));
    const abandoned: number[] = [];
    let joins = 0;
    let slow = true;
    const finished = new Set<string>();
    const handle: Handle = async (batch) => {
      if (slow) {
        // Beats until the group says that it rebalances.
        for (;;) {
          try {
            await batch.heartbeat();
          } catch {
            slow = false;
            return { finished: batch.records.length, verdict: 'ok' };
          }
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
      for (const r of batch.records) finished.add(`${batch.partition}/${r.offset}`);
      return finishAll(batch);
    };
    const events: BatchServerEvents = {
      onJoin: () => void joins++,
      onAbandoned: ({ partition }) => void abandoned.push(partition),
    };
    const first = await sinkOf([topic], handle, { groupId: group, events });
    await first.listening;
    const second = await sinkOf([topic], handle, { groupId: group });
    await second.listening;
    await until(
      () => finished.size,
      (n) => n === 10,
    );
    expect(abandoned.length).toBeGreaterThan(0);
    expect(joins).toBeGreaterThan(1);
    await until(
      async () => [await committed(group, topic, 0), await committed(group, topic, 1)],
      (offsets) => offsets.every((offset) => offset === 5n),
    );
    const [a, b] = [first.server.assignment()[topic]!, second.server.assignment()[topic]!];
    expect([...a, ...b].sort()).toEqual([0, 1]);
  }, 30_000);

  it('waits for a topic that is not there yet, and says so', async () => {
    const topic = `t-${randomUUID()}`;
    const group = `g-${randomUUID()}`;
    const waits: unknown[] = [];
    const events: BatchServerEvents = { onWaiting: (error) => void waits.push(error) };
    const { listening } = await sinkOf([topic], finishAll, { groupId: group, events });
    await until(
      () => waits.length,
      (n) => n >= 1,
    );
    const reports = await ensureTopics(kafka, [{ topic, partitions: 1 }]);
    expect(reports).toEqual([{ topic, created: true, partitions: 1, expectedPartitions: 1 }]);
    await listening;
    await producer.send(topic, 0, rows(1));
    await until(
      () => committed(group, topic),
      (offset) => offset === 1n,
    );
  }, 30_000);

  it('refuses two handlers of one topic', async () => {
    const { listening } = await sinkOf(['twice', 'twice'], finishAll);
    await expect(listening).rejects.toThrow('Topic twice has two handlers');
  });
});

describe('the topics and offsets', () => {
  it('are made once by two processes at the same time, and another partition count is reported', async () => {
    const specs = [1, 2, 3].map((partitions) => ({ topic: `t-${randomUUID()}`, partitions }));
    const reports = await Promise.all([
      ensureTopics(createKafka(kafkaOptions()), specs),
      ensureTopics(createKafka(kafkaOptions()), specs),
    ]);
    for (const report of reports) expect(report.map((r) => r.partitions)).toEqual([1, 2, 3]);
    const again = await ensureTopics(kafka, [{ ...specs[0]!, partitions: 4 }]);
    expect(again).toEqual([{ topic: specs[0]!.topic, created: false, partitions: 1, expectedPartitions: 4 }]);
  });

  it("are refused with Kafka's reason when a name is impossible", async () => {
    await expect(ensureTopics(kafka, [{ topic: 'no spaces', partitions: 1 }])).rejects.toMatchObject({
      type: 'INVALID_TOPIC_EXCEPTION',
    });
  });

  it('say how far a group is behind', async () => {
    const topic = await newTopic(2);
    const group = `g-${randomUUID()}`;
    await producer.send(topic, 1, rows(7));
    expect((await admin.fetchLag(group, [topic])).get(topic)).toEqual(
      new Map([
        [0, 0n],
        [1, 7n],
      ]),
    );
    expect((await admin.fetchEnds([topic])).get(topic)!.get(1)).toEqual({ low: 0n, high: 7n });
    expect((await admin.describeBroker(5_000)).brokers.length).toBeGreaterThan(0);
  });
});

describe('the producer', () => {
  it('gives each of many concurrent single records its own offset', async () => {
    const topic = await newTopic(3);
    expect(await producer.partitionCount(topic)).toBe(3);
    const sends = Array.from({ length: 300 }, (_, i) =>
      producer.send(topic, i % 3, [{ key: `k${i}`, value: `${i}` }], { priority: true }),
    );
    const results = await Promise.all(sends);
    for (const partition of [0, 1, 2]) {
      const offsets = results.filter((r) => r.partition === partition).map((r) => Number(r.baseOffset));
      expect(offsets).toEqual(Array.from({ length: 100 }, (_, i) => i));
    }
  });

  it('rejects a record that is too large, and it alone', async () => {
    const topic = await newTopic();
    const large = producer.send(topic, 0, [{ key: 'x', value: Buffer.alloc(2_000_000) }], { priority: true });
    const small = producer.send(topic, 0, rows(1), { priority: true });
    await expect(large).rejects.toMatchObject({ name: 'KafkaSendError', code: 'message_too_large', retriable: false });
    await expect(small).resolves.toMatchObject({ baseOffset: '0', count: 1 });
  });

  it('tries a topic that is not there until the caller stops waiting, and says that it may be sent again', async () => {
    const send = producer.send(`t-${randomUUID()}`, 0, rows(1), { signal: AbortSignal.timeout(300) });
    await expect(send).rejects.toMatchObject({ code: 'aborted', retriable: true });
  });
});
