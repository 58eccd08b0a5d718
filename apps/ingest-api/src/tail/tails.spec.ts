import type { KafkaRecord, NewRecords, PartitionEnds } from '@orderstream/kafka';
import { SchemaCatalog } from '@orderstream/schemas';
import { OpenAnswers } from '../query/open-answers.js';
import { Tails } from './tails.js';

/** A follower whose records the test brings. Real are the tails; Kafka is not there. */
class Following {
  readonly followed: {
    topic: string;
    starts: ReadonlyMap<number, bigint>;
    onRecords: NewRecords;
    signal: AbortSignal;
  }[] = [];

  follow(
    topic: string,
    starts: ReadonlyMap<number, bigint>,
    onRecords: NewRecords,
    signal: AbortSignal,
  ): Promise<void> {
    this.followed.push({ topic, starts, onRecords, signal });
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  }
}

const ENDS = new Map<number, PartitionEnds>([
  [0, { low: 0n, high: 7n }],
  [1, { low: 2n, high: 2n }],
]);
const record = (offset: string, value: string): KafkaRecord => ({
  offset,
  timestamp: '1000',
  key: Buffer.from('k'),
  value: Buffer.from(value),
  headers: {},
});

describe('tails', () => {
  let following: Following;
  let open: OpenAnswers;
  let tails: Tails;

  beforeEach(() => {
    following = new Following();
    open = new OpenAnswers();
    const ends = { fetchEnds: async (topics: readonly string[]) => new Map(topics.map((topic) => [topic, ENDS])) };
    tails = new Tails({ ends, follower: following, open, schemas: new SchemaCatalog(undefined) }, 2);
  });

  const opened = async (topic: string, partition?: number) => {
    const gone = new AbortController();
    const events = await tails.open({ topic, partition, gone: gone.signal });
    return { gone, events };
  };

  it('of one topic share one reader, which begins at its end and stops behind the last of them', async () => {
    const [one, two] = [await opened('t'), await opened('t')];
    expect(following.followed).toHaveLength(1);
    expect(following.followed[0]!.starts).toEqual(
      new Map([
        [0, 7n],
        [1, 2n],
      ]),
    );
    one.gone.abort();
    expect(following.followed[0]!.signal.aborted).toBe(false);
    two.gone.abort();
    expect(following.followed[0]!.signal.aborted).toBe(true);
    const again = await opened('t');
    expect(following.followed).toHaveLength(2);
    again.gone.abort();
  });

  it('give records as events with their place, and values that are no JSON as bytes', async () => {
    const { events, gone } = await opened('t', 0);
    expect((await events.next()).value).toBe('retry: 2000\n\n');
    following.followed[0]!.onRecords(1, [record('2', '{"id":"other"}')]);
    following.followed[0]!.onRecords(0, [
      record('7', '{"id":"a"}'),
      { ...record('8', ''), value: Buffer.from([0xff]) },
    ]);
    expect((await events.next()).value).toBe(
      'event: record\nid: t:0:7\ndata: {"topic":"t","partition":0,"offset":"7","timestamp":"1970-01-01T00:00:01.000Z","key":"k","record":{"id":"a"}}\n\n',
    );
    expect((await events.next()).value).toContain('"record":null,"valueBase64":"/w=="');
    // A time that no calendar has must not end the tail.
    following.followed[0]!.onRecords(0, [{ ...record('9', '{}'), timestamp: '9223372036854775807' }]);
    expect((await events.next()).value).toContain('"timestamp":null');
    gone.abort();
    expect((await events.next()).done).toBe(true);
  });

  it('are limited, and a place is free again once its client has gone, or was refused', async () => {
    const [one] = [await opened('t'), await opened('u')];
    await expect(opened('t')).rejects.toMatchObject({ code: 'too_many_tails', status: 429 });
    one.gone.abort();
    await expect(opened('t', 5)).rejects.toMatchObject({ code: 'bad_parameter' });
    await opened('t');
    await expect(opened('t')).rejects.toMatchObject({ code: 'too_many_tails' });
  });

  it('of a client that has gone already are not opened', async () => {
    const gone = AbortSignal.abort();
    await tails.open({ topic: 't', partition: undefined, gone });
    expect(following.followed[0]!.signal.aborted).toBe(true);
  });

  it('end with the process', async () => {
    const { events } = await opened('t');
    await events.next();
    const next = events.next();
    await tails.end();
    expect((await next).done).toBe(true);
    expect(following.followed[0]!.signal.aborted).toBe(true);
  });
});
