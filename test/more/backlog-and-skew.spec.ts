/**
 * A backlog is drained with bounded memory, however it is made, and a hot partition takes no more than its share. All on
 * `users`, the stream that plain producers fill and whose null values delete. The long form is in test/prove.
 */
import { jest } from '@jest/globals';
import {
  ApiClient,
  eventually,
  KafkaTopics,
  Sandbox,
  StoreReader,
  UserBacklog,
  userRecord,
} from '@orderstream/testing';

jest.setTimeout(300_000);

/** What the sink may take, whatever lies before it: a bare one takes about a third. */
const MAX_SINK_MIB = 400;
const DRAIN_MS = 120_000;
/** What a fetch brings of one partition, and what is sent at once: about a quarter of it. */
const [FETCH, SEND_ROWS] = ['16KiB', 50];

describe('a backlog', () => {
  let world: Sandbox;
  let store: StoreReader;
  let backlog: UserBacklog;

  const open = async (env: Readonly<Record<string, string>> = {}): Promise<void> => {
    world = await (await Sandbox.forTests(env)).start();
    store = await StoreReader.connect(world.options.contactPoints, world.keyspace);
    backlog = await UserBacklog.open(world);
  };
  afterEach(async () => {
    await Promise.all([backlog?.close(), store?.close(), world?.close()]);
  });

  /** What the sink's process has fetched of the topic, by its own count. */
  const batchesOf = async (topic: string): Promise<number> => {
    const text = await (await fetch(`${world.sink.url}/metrics`)).text();
    const isOfTopic = (line: string): boolean =>
      line.startsWith('orderstream_consume_batch_rows_count{') && line.includes(`topic="${topic}"`);
    const line = text.split('\n').find(isOfTopic);
    return Number(line?.split(' ').at(-1) ?? 0);
  };
  /** Of each partition, seen at once. */
  const passed = async (): Promise<number[]> => {
    const places = await backlog.topics.places(world.id, backlog.topic);
    return [...places].sort((a, b) => a.partition - b.partition).map(({ committed }) => committed);
  };
  /** How far partition 0 was when the others were seen in that state last. 0: they never were. */
  const hotWhile = async (isSo: (passed: readonly number[]) => boolean): Promise<number> => {
    let hotThen = 0;
    const look = async (): Promise<boolean> => {
      const now = await passed();
      if (!isSo(now)) return true;
      hotThen = Math.max(hotThen, now[0]!);
      return false;
    };
    await eventually(look, { timeoutMs: DRAIN_MS, everyMs: 10, what: 'the cold partitions drained' });
    return hotThen;
  };
  const stored = async (): Promise<string[]> => [...(await store.rows('created_users', 'id')).keys()];

  it('of a partition 100 times hotter than the others does not hold them back beyond its share', async () => {
    await open({ KAFKA_MAX_BYTES_PER_PARTITION: FETCH });
    const [hot, cold] = [120_000, 1_200];
    await world.sink.stop();
    await backlog.fill(0, hot, (n) => userRecord(`hot-${n}`, { first_name: 'Ada' }), SEND_ROWS);
    for (const partition of [1, 2]) {
      const coldUser = (n: number) => userRecord(`cold-${partition}-${n}`, { first_name: 'Bob' });
      await backlog.fill(partition, cold, coldUser, SEND_ROWS);
    }
    await world.sink.start();
    // Every fetch brings the same share of each partition: the cold ones are done when the hot one has had about theirs.
    const hotBefore = await hotWhile(([, one, other]) => one! < cold || other! < cold);
    expect(hotBefore).toBeLessThan(hot / 10);
    // And while it is drained, what comes new to a cold one does not wait for its end.
    await backlog.fill(1, 1, () => userRecord('fresh', { first_name: 'Eve' }));
    const [hotThen] = await passed();
    expect((await hotWhile(([, one]) => one! < cold + 1)) - hotThen!).toBeLessThan(hot / 10);

    const { peakMemoryMiB, records } = await backlog.drain(DRAIN_MS);
    expect(peakMemoryMiB).toBeLessThan(MAX_SINK_MIB);
    expect(await stored()).toHaveLength(hot + 2 * cold + 1);
    // None of this says anything about shares unless the cold ones took several fetches.
    expect(records / (await batchesOf(backlog.topic))).toBeLessThan(cold / 4);
  });

  it('of 100,000 updates of one user leaves the newest, also when it did not come last', async () => {
    await open();
    const updates = 100_000;
    const newest = 70_000;
    const baseMicros = Date.now() * 1000 - 10_000_000;
    // Rising to the newest and falling from there: every update is older or newer than the one before it.
    const writeTime = (n: number): number => baseMicros + (n <= newest ? n : updates - n - 1);
    await world.sink.stop();
    await backlog.fill(0, updates, (n) => userRecord('one', { first_name: `${n}` }, writeTime(n)));
    await world.sink.start();
    const { peakMemoryMiB } = await backlog.drain(DRAIN_MS);
    expect(peakMemoryMiB).toBeLessThan(MAX_SINK_MIB);
    const rows = await store.rows('created_users', 'id');
    expect([...rows.keys()]).toEqual(['one']);
    expect(rows.get('one')).toMatchObject({ offset: String(newest), writeTimeMicros: BigInt(writeTime(newest)) });
  });

  it('of 50,000 users who are made and deleted again, some made anew, ends with those who were', async () => {
    await open();
    const users = 50_000;
    const everyNth = 100;
    const baseMicros = Date.now() * 1000 - 10_000_000;
    await world.sink.stop();
    const perPartition = users / 2;
    for (const partition of [0, 1]) {
      const id = (n: number): string => `storm-${partition}-${n}`;
      await backlog.fill(partition, perPartition, (n) => userRecord(id(n), { first_name: 'Ada' }, baseMicros));
      await backlog.fill(partition, perPartition, (n) => userRecord(id(n), null, baseMicros + 1));
      await backlog.fill(partition, perPartition / everyNth, (n) =>
        userRecord(id(n * everyNth), { first_name: 'Eve' }, baseMicros + 2),
      );
    }
    await world.sink.start();
    const { peakMemoryMiB } = await backlog.drain(DRAIN_MS);
    expect(peakMemoryMiB).toBeLessThan(MAX_SINK_MIB);
    const left = [0, 1].flatMap((partition) =>
      Array.from({ length: perPartition / everyNth }, (_, n) => `storm-${partition}-${n * everyNth}`),
    );
    expect((await stored()).sort()).toEqual(left.sort());
    expect((await new ApiClient(world.api.url).letterGroups()).open).toBe(0);
  });

  it('with a record of 900 KB stores it; one that Cassandra does not take is a dead letter, and its neighbours are stored', async () => {
    await open();
    const topics = KafkaTopics.on(world.options.brokers);
    const large = (id: string, bytes: number): string => JSON.stringify({ id, picture: 'x'.repeat(bytes) });
    await topics.write(backlog.topic, [
      { value: large('before', 10) },
      { value: large('large', 900_000) },
      { value: large('between', 10) },
    ]);
    const [place] = await topics.write(backlog.topic, [{ value: large('too-large', 17_000_000) }], { gzip: true });
    await topics.write(backlog.topic, [{ value: large('after', 10) }]);
    const { peakMemoryMiB } = await backlog.drain(DRAIN_MS);
    expect(peakMemoryMiB).toBeLessThan(MAX_SINK_MIB);
    expect((await stored()).sort()).toEqual(['after', 'before', 'between', 'large']);
    const api = new ApiClient(world.api.url);
    const { body } = await api.letter(`${backlog.topic}-0-${place!.offset}`);
    expect(body).toMatchObject({ code: 'refused_by_store', stage: 'write', state: 'open' });
    expect((await api.letterGroups()).open).toBe(1);
  });
});
