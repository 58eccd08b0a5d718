/**
 * kafkajs reports a crash that it will not restart from and then stays silent in a process that lives on. Ours ends:
 * with an exit code that a supervisor acts on, and one line that says why. The crashes are real: a consumer of another
 * kind takes over the group, which refuses the sink from then on.
 */
import { jest } from '@jest/globals';
import { createKafka, type Kafka } from '@orderstream/kafka';
import { eventually, Sandbox, type AppProcess } from '@orderstream/testing';

jest.setTimeout(120_000);

type Consumer = ReturnType<Kafka['consumer']>;

/** Version 1, no topics or partitions, no user data: both a subscription and an assignment of the consumer protocol. */
const NOTHING = Buffer.from([0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);

/** An assigner that no other consumer has: a group has members of one kind at a time. It assigns nothing. */
const anotherKind = () => ({
  name: 'another-kind',
  version: 1,
  protocol: () => ({ name: 'another-kind', metadata: NOTHING }),
  assign: async ({ members }: { members: readonly { memberId: string }[] }) =>
    members.map(({ memberId }) => ({ memberId, memberAssignment: NOTHING })),
});

describe('a consumer that crashed for good', () => {
  let world: Sandbox;
  let intruder: Consumer | undefined;

  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
  });
  afterAll(async () => {
    await intruder?.disconnect();
    await world?.close();
  });

  /** One try: the group refuses it as long as it has a member of our kind. */
  async function takeGroup(): Promise<true> {
    const kafka = createKafka({ brokers: world.options.brokers.split(','), clientId: 'another-kind' });
    const retry = { retries: 0, restartOnFailure: () => Promise.resolve(false) };
    const consumer = kafka.consumer({ groupId: world.id, partitionAssigners: [anotherKind], retry } as never);
    const joined = new Promise<true>((resolve, reject) => {
      consumer.on(consumer.events.GROUP_JOIN, () => resolve(true));
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    });
    joined.catch(() => undefined); // it is awaited only once connected
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [world.topic('orders')] });
      await Promise.all([consumer.run({ eachBatch: () => Promise.resolve() }), joined]);
    } catch (error) {
      await consumer.disconnect();
      throw error;
    }
    intruder = consumer;
    return true;
  }

  const fatalLines = (sink: AppProcess): { msg: string }[] =>
    sink.output
      .join('')
      .split('\n')
      .filter((line) => line.includes('"level":"fatal"'))
      .map((line) => JSON.parse(line) as { msg: string });
  const ends = (sink: AppProcess): Promise<number> =>
    eventually(async () => sink.exitCode ?? undefined, { timeoutMs: 30_000, what: 'the end of the process' });

  it('ends its process with code 1 and one line that says why', async () => {
    // Frozen for longer than its session: the group forgets it.
    process.kill(world.sink.pid, 'SIGSTOP');
    await eventually(takeGroup, { timeoutMs: 40_000, everyMs: 500, what: 'the group taken over' });
    process.kill(world.sink.pid, 'SIGCONT');
    expect(await ends(world.sink)).toBe(1);
    const lines = fatalLines(world.sink);
    expect(lines.map(({ msg }) => msg)).toEqual([
      expect.stringMatching(/^the Kafka consumer ended for good: .*protocol.*; this process ends with code 1/),
    ]);
  });

  it('ends the next one too, which cannot even join, in the same way', async () => {
    const next = await world.another('sink-worker');
    next.spawn();
    expect(await ends(next)).toBe(1);
    expect(fatalLines(next).map(({ msg }) => msg)).toEqual([
      expect.stringMatching(/^sink-worker cannot start: .*protocol/),
    ]);
  });
});
