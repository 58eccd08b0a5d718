import type { KafkaRecord } from '@orderstream/kafka';
import { TailBuffer, type TailEntry } from './tail-buffer.js';

const record = (offset: number, bytes = 1): KafkaRecord => ({
  offset: String(offset),
  timestamp: '0',
  key: null,
  value: Buffer.alloc(bytes),
  headers: {},
});
const records = (from: number, to: number): KafkaRecord[] =>
  Array.from({ length: to - from }, (_, i) => record(from + i));
const shown = (entries: readonly TailEntry[]): (string | number)[] =>
  entries.map((entry) => ('skipped' in entry ? entry.skipped : entry.record.offset));

describe('what waits for the client of a tail', () => {
  it('is taken in its order, of its partition only', () => {
    const buffer = new TailBuffer(1);
    buffer.offer(1, records(0, 2));
    buffer.offer(0, records(0, 2));
    buffer.offer(1, records(2, 3));
    expect(shown(buffer.take())).toEqual(['0', '1', '2']);
    expect(buffer.take()).toEqual([]);
  });

  it('is bounded in number; what is too much is counted where it is missing', () => {
    const buffer = new TailBuffer(undefined, { records: 3, bytes: 1000 });
    buffer.offer(0, records(0, 5));
    buffer.offer(0, records(5, 6));
    expect(shown(buffer.take())).toEqual(['0', '1', '2', 3]);
    buffer.offer(0, records(6, 7));
    expect(shown(buffer.take())).toEqual(['6']);
  });

  it('is bounded in bytes, but one large record passes alone', () => {
    const buffer = new TailBuffer(undefined, { records: 100, bytes: 10 });
    buffer.offer(0, [record(0, 50), record(1, 1)]);
    expect(shown(buffer.take())).toEqual(['0', 1]);
    buffer.offer(0, [record(2, 6), record(3, 6), record(4, 1)]);
    expect(shown(buffer.take())).toEqual(['2', 2]);
  });

  it('wakes whoever waits for it, as the time and the signal do', async () => {
    const buffer = new TailBuffer(undefined);
    const never = new AbortController();
    const arrival = buffer.arrival(60_000, never.signal);
    buffer.offer(0, records(0, 1));
    await arrival;
    await buffer.arrival(60_000, never.signal);
    buffer.take();
    await buffer.arrival(1, never.signal);
    const aborted = buffer.arrival(60_000, never.signal);
    never.abort();
    await aborted;
  });
});
