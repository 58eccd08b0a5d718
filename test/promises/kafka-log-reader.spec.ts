/** Whole stretches of a topic, each record once and in order, and nothing left behind on the broker. */
import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { createKafka, KafkaAdmin, LogReader, type KafkaRecord, type OffsetWindow } from '@orderstream/kafka';
import { eventually, KafkaTopics } from '@orderstream/testing';

jest.setTimeout(120_000);

const brokers = (): string => {
  const given = process.env['TEST_KAFKA_BROKERS'];
  if (!given) throw new Error('run this through `npm test`: it starts Kafka first');
  return given;
};
const PREFIX = `log-reader-${randomUUID()}`;
const NEVER = new AbortController().signal;

describe('LogReader', () => {
  const openKafka = () => createKafka({ brokers: brokers().split(','), clientId: 'log-reader-test' });
  const reader = (stalledMs?: number) =>
    new LogReader(openKafka, { groupPrefix: PREFIX, ...(stalledMs !== undefined && { stalledMs }) });
  let topics: KafkaTopics;
  let topic: string;

  beforeEach(async () => {
    topics = KafkaTopics.on(brokers());
    topic = `log-${randomUUID()}`;
    await topics.create(topic, { partitions: 2 });
  });

  const filled = (partition: number, count: number) =>
    topics.write(
      topic,
      Array.from({ length: count }, (_, n) => ({ partition, key: `k${n}`, value: `${partition}:${n}` })),
    );
  const seenIn = async (windows: [number, bigint, bigint][], signal = NEVER): Promise<string[]> => {
    const seen: string[] = [];
    const visit = (_: number, records: readonly KafkaRecord[]) => {
      seen.push(...records.map(({ value }) => String(value)));
    };
    const byPartition = new Map<number, OffsetWindow>(windows.map(([p, from, end]) => [p, { from, end }]));
    await reader().scan(topic, byPartition, visit, signal);
    return seen;
  };

  it('gives each record of the windows once, in the order of its partition, and leaves no group', async () => {
    await filled(0, 20);
    await filled(1, 5);
    expect(await seenIn([[0, 3n, 7n]])).toEqual(['0:3', '0:4', '0:5', '0:6']);
    const both = await seenIn([
      [0, 18n, 20n],
      [1, 0n, 5n],
    ]);
    expect(both.filter((value) => value.startsWith('0'))).toEqual(['0:18', '0:19']);
    expect(both.filter((value) => value.startsWith('1'))).toEqual(['1:0', '1:1', '1:2', '1:3', '1:4']);
    expect(await seenIn([[0, 20n, 20n]])).toEqual([]);
    const ofScans = async () => (await topics.groups()).filter((group) => group.startsWith(PREFIX));
    await eventually(async () => (await ofScans()).length === 0, { timeoutMs: 10_000, what: 'no group of a scan' });
  });

  it('leaves no group when it is told to stop while it joins', async () => {
    await filled(0, 1);
    const stop = new AbortController();
    const beyond = new Map([[0, { from: 0n, end: 99n }]]);
    const scan = reader().scan(topic, beyond, () => undefined, stop.signal);
    const isThere = async () => (await topics.groups()).some((group) => group.startsWith(PREFIX));
    await eventually(isThere, { everyMs: 1, what: 'the group of the scan' });
    stop.abort(new Error('gone'));
    await expect(scan).rejects.toThrow('gone');
    await eventually(async () => !(await isThere()), { timeoutMs: 10_000, what: 'no group of the scan' });
  });

  it('begins where retention has left records, and ends where a transaction left none', async () => {
    await filled(0, 10);
    await topics.deleteBefore(topic, 0, '4');
    const producer = openKafka().producer({ transactionalId: randomUUID(), idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [{ partition: 0, value: 'committed' }] });
    await transaction.commit();
    await producer.disconnect();
    const admin = new KafkaAdmin(openKafka());
    await admin.connect();
    // The marker of the transaction is written after the commit was answered; it is offset 11.
    const isMarked = async () => (await admin.fetchEnds([topic])).get(topic)!.get(0)!.high === 12n;
    await eventually(isMarked, { what: 'the marker of the transaction' }).finally(() => admin.disconnect());
    expect(await seenIn([[0, 0n, 12n]])).toEqual(['0:4', '0:5', '0:6', '0:7', '0:8', '0:9', 'committed']);
  });

  it('ends with what the visitor throws, with the reason of the signal, and when nothing comes', async () => {
    await filled(0, 3);
    const windows = new Map([[0, { from: 0n, end: 3n }]]);
    const broken = () => Promise.reject(new Error('enough'));
    await expect(reader().scan(topic, windows, broken, NEVER)).rejects.toThrow('enough');
    const stop = new AbortController();
    const stopping = () => stop.abort(new Error('nobody waits'));
    await expect(reader().scan(topic, windows, stopping, stop.signal)).rejects.toThrow('nobody waits');
    const beyond = new Map([[0, { from: 0n, end: 99n }]]);
    await expect(reader(3_000).scan(topic, beyond, () => undefined, NEVER)).rejects.toThrow(
      /gave no records .* 3000 ms/,
    );
  });
});
