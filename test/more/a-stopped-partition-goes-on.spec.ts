/**
 * An error that nobody has a class for stops its partition, loudly, and nothing else; an operator says how it goes on.
 * The error is a real one: a column of the table is dropped under two running sinks. All of them read `users`.
 */
import { jest } from '@jest/globals';
import { connectWhenReady, createCassandra, type CassandraSession } from '@orderstream/cassandra';
import type { JobView, StoppedPartitionView, WorkerView } from '@orderstream/contracts';
import {
  ApiClient,
  countsClose,
  eventually,
  KafkaTopics,
  Sandbox,
  StoreReader,
  type AppProcess,
  type LetterDetail,
} from '@orderstream/testing';

jest.setTimeout(240_000);

const PARTITIONS = [0, 1, 2];
const user = (id: string): string => JSON.stringify({ id, first_name: 'Ada' });

describe('a stopped partition', () => {
  let world: Sandbox;
  let second: AppProcess;
  let api: ApiClient;
  let topics: KafkaTopics;
  let store: StoreReader;
  let session: CassandraSession;
  let topic: string;

  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
    second = await world.another('sink-worker');
    await second.start();
    api = new ApiClient(world.api.url);
    topics = KafkaTopics.on(world.options.brokers);
    topic = world.topic('users_created');
    const { contactPoints } = world.options;
    store = await StoreReader.connect(contactPoints, world.keyspace);
    session = createCassandra({
      contactPoints: contactPoints.split(','),
      localDataCenter: 'datacenter1',
      keyspace: world.keyspace,
    });
    await connectWhenReady(session, AbortSignal.timeout(60_000));
    await eventually(async () => (await workers()).length === 2, { what: 'both sinks listed' });
  });
  afterAll(async () => {
    await Promise.all([session?.close(), store?.close(), second?.stop(), world?.close()]);
  });

  const workers = async (): Promise<WorkerView[]> => (await api.get<{ items: WorkerView[] }>('/workers')).body.items;
  const stopped = async (): Promise<StoppedPartitionView[]> => (await workers()).flatMap((worker) => worker.stopped);
  const alter = (change: string): Promise<unknown> =>
    session.execute(`ALTER TABLE ${world.keyspace}.created_users ${change}`, [], {
      prepared: false,
      requestTimeoutMs: 30_000,
    });
  const damage = (): Promise<unknown> => alter('DROP picture');
  const mend = (): Promise<unknown> => alter('ADD picture text');
  const stored = async (): Promise<Set<string>> => new Set((await store.rows('created_users', 'id')).keys());
  const readiness = async (): Promise<number[]> => {
    const answers = await Promise.all([world.sink, second].map(({ url }) => fetch(`${url}/health/ready`)));
    return answers.map(({ status }) => status).sort();
  };
  const post = async (path: string): Promise<{ status: number; body: Record<string, unknown> }> => {
    const response = await fetch(`${world.api.url}${path}`, { method: 'POST' });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  /** A job of one row that stops its partition, for its table lacks a column; then the table is mended. */
  const stopAt = async (id: string): Promise<{ job: JobView; stop: StoppedPartitionView }> => {
    await damage();
    const job = await api.upload(`${user(id)}\n`, '?stream=users', 'application/x-ndjson');
    const stop = await eventually(async () => (await stopped())[0], { what: 'a partition stopped' });
    await mend();
    const { partition, base } = job.segments[0]!;
    expect(stop).toMatchObject({ topic, partition, offset: base });
    return { job, stop };
  };

  it('stops alone: the others go on, and only its sink is not ready', async () => {
    const { job, stop } = await stopAt('stopped');
    expect(stop.error).toContain('picture');
    expect(await readiness()).toEqual([200, 503]);

    const behind = PARTITIONS.map((partition) => ({ partition, value: user(`behind-${partition}`) }));
    await topics.write(topic, behind);
    const others = PARTITIONS.filter((partition) => partition !== stop.partition).map((p) => `behind-${p}`);
    await eventually(
      async () =>
        others.every(
          (
            (all) => (id) =>
              all.has(id)
          )(await stored()),
        ),
      { what: 'the others' },
    );
    expect((await stored()).has(`behind-${stop.partition}`)).toBe(false);
    expect(await topics.position(world.id, topic, stop.partition)).toBe(Number(stop.offset));
    expect((await api.job(job.id)).counts).toMatchObject({ stored: 0, rejected: 0, pending: 1 });
  });

  it('goes on by a retry once its cause is mended: nothing is lost and nothing refused', async () => {
    const [stop] = await stopped();
    const { status, body } = await post(`/streams/users/partitions/${stop!.partition}/retry`);
    expect({ status, body }).toEqual({
      status: 202,
      body: { stream: 'users', partition: stop!.partition, offset: stop!.offset, action: 'retry' },
    });
    await eventually(async () => (await stored()).has('stopped') && (await stored()).has(`behind-${stop!.partition}`), {
      what: 'the record and the one behind it stored',
    });
    await eventually(async () => (await stopped()).length === 0, { what: 'no partition listed as stopped' });
    expect(await readiness()).toEqual([200, 200]);
    expect((await api.letterGroups()).open).toBe(0);
  });

  it('goes on by a skip past exactly that record, which is a dead letter; its job closes', async () => {
    const { job, stop } = await stopAt('skipped');
    await topics.write(topic, [{ partition: stop.partition, value: user('behind-skipped') }]);
    const { status, body } = await post(`/streams/users/partitions/${stop.partition}/skip`);
    expect(status).toBe(202);
    expect(body).toEqual({ stream: 'users', partition: stop.partition, offset: stop.offset, action: 'skip' });

    await eventually(async () => (await stored()).has('behind-skipped'), { what: 'the record behind stored' });
    expect((await stored()).has('skipped')).toBe(false);
    const settled = await api.settled(job.id);
    countsClose(settled);
    expect(settled).toMatchObject({
      counts: { received: 1, accepted: 1, stored: 0, rejectedInSink: 1, pending: 0 },
      rejectedByCode: { skipped: 1 },
    });
    const { body: letter } = await api.letter(`${topic}-${stop.partition}-${stop.offset}`);
    expect(letter).toMatchObject({
      code: 'skipped',
      stage: 'write',
      state: 'open',
      job: job.id,
      value: user('skipped'),
    });
    expect((letter as LetterDetail).reason).toContain('picture');
    const announced = await topics.read(`${topic}.dead-letters`);
    expect(announced.map(({ headers }) => String(headers['os-origin-offset']))).toEqual([stop.offset]);
    expect(await readiness()).toEqual([200, 200]);
  });

  it('is named by stream and number; what is not stopped takes no order', async () => {
    expect(await post('/streams/users/partitions/0/skip')).toMatchObject({
      status: 409,
      body: { code: 'partition_not_stopped' },
    });
    expect(await post('/streams/nobody/partitions/0/retry')).toMatchObject({
      status: 404,
      body: { code: 'stream_not_found' },
    });
    expect(await post('/streams/users/partitions/one/retry')).toMatchObject({
      status: 400,
      body: { code: 'bad_parameter' },
    });
  });
});
