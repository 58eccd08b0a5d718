import { getEventListeners } from 'node:events';
import { GroupMember, type Assignment, type ConsumerPort } from './group-member.js';

const away = (): Error => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A consumer whose joins and crashes the test decides. */
class ManualConsumer implements ConsumerPort {
  join!: (assignment: Assignment) => void;
  crash!: (error: Error) => void;
  rebalance!: () => void;
  ran = false;
  disconnects = 0;
  private readonly joins: Array<(assignment: Assignment) => void> = [];
  private readonly crashes: Array<(error: Error) => void> = [];

  constructor(private readonly connecting: () => Promise<void>) {
    this.join = (assignment) => this.joins.forEach((listener) => listener(assignment));
    this.crash = (error) => this.crashes.forEach((listener) => listener(error));
  }

  connect(): Promise<void> {
    return this.connecting();
  }

  run(): Promise<void> {
    this.ran = true;
    return Promise.resolve();
  }

  disconnect(): Promise<void> {
    this.disconnects++;
    return Promise.resolve();
  }

  onJoin(listener: (assignment: Assignment) => void): void {
    this.joins.push(listener);
  }

  onCrash(listener: (error: Error) => void): void {
    this.crashes.push(listener);
  }

  onRebalance(listener: () => void): void {
    this.rebalance = listener;
  }
}

function setUp(connecting: () => Promise<void> = () => Promise.resolve()) {
  const consumers: ManualConsumer[] = [];
  const log: string[] = [];
  const create = (): ManualConsumer => {
    const consumer = new ManualConsumer(connecting);
    consumers.push(consumer);
    return consumer;
  };
  const member = new GroupMember(
    create,
    { initialMs: 1, maxMs: 2 },
    {
      onJoin: () => void log.push('join'),
      onWaiting: () => void log.push('waiting'),
      onFatal: () => void log.push('fatal'),
    },
  );
  const nth = async (n: number): Promise<ManualConsumer> => {
    while (!consumers[n - 1]?.ran) await settled();
    return consumers[n - 1]!;
  };
  return { member, consumers, log, nth };
}

describe('GroupMember', () => {
  it('starts when Kafka is there, however late that is', async () => {
    let tries = 0;
    const { member, log, nth } = setUp(() => (++tries < 4 ? Promise.reject(away()) : Promise.resolve()));
    const starting = member.start();
    (await nth(4)).join({ t: [0, 1] });
    await starting;
    expect([member.state, member.assignment()]).toEqual(['joined', { t: [0, 1] }]);
    expect(log).toEqual(['waiting', 'waiting', 'waiting', 'join']);
  });

  it('keeps nothing of the attempts of a long outage', async () => {
    let tries = 0;
    const { member, nth } = setUp(() => (++tries < 30 ? Promise.reject(away()) : Promise.resolve()));
    const starting = member.start();
    (await nth(30)).join({ t: [0] });
    await starting;
    const { signal } = (member as unknown as { closing: AbortController }).closing;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('does not start with credentials that Kafka refuses', async () => {
    const refused = Object.assign(new Error('no'), { name: 'KafkaJSSASLAuthenticationError' });
    const { member } = setUp(() => Promise.reject(refused));
    await expect(member.start()).rejects.toBe(refused);
    expect(member.state).toBe('crashed');
  });

  it('comes back with a fresh consumer after a crash by a broker that is away, also in a rebalance', async () => {
    const { member, log, nth } = setUp();
    const starting = member.start();
    (await nth(1)).join({ t: [0] });
    await starting;
    (await nth(1)).rebalance();
    expect(member.state).toBe('starting');
    (await nth(1)).crash(away());
    expect(member.assignment()).toEqual({});
    (await nth(2)).join({ t: [1] });
    expect([member.state, member.assignment()]).toEqual(['joined', { t: [1] }]);
    expect(log).toEqual(['join', 'waiting', 'join']);
  });

  it('says that it is over when no restart can help', async () => {
    const { member, log, nth, consumers } = setUp();
    const starting = member.start();
    (await nth(1)).join({ t: [0] });
    await starting;
    (await nth(1)).crash(new TypeError('x is not a function'));
    await settled();
    expect([member.state, log, consumers.length]).toEqual(['crashed', ['join', 'fatal'], 1]);
  });

  it('ends a start that is still waiting when it is closed', async () => {
    const { member, log } = setUp(() => Promise.reject(away()));
    const starting = member.start();
    await settled();
    await member.close(1_000);
    await expect(starting).resolves.toBeUndefined();
    expect([member.state, log.includes('fatal')]).toEqual(['closed', false]);
  });

  it('leaves the group again when a join that was under way comes through after the close', async () => {
    const { member, consumers, log, nth } = setUp();
    void member.start();
    const consumer = await nth(1);
    await member.close(1_000);
    const before = consumer.disconnects;
    consumer.join({ t: [0] });
    expect(before).toBeGreaterThan(0);
    expect([consumers[0]!.disconnects, member.state, log]).toEqual([before + 1, 'closed', []]);
  });

  it('does not wait for ever for a Kafka that does not answer the goodbye', async () => {
    const { member, nth } = setUp();
    const starting = member.start();
    const consumer = await nth(1);
    consumer.join({ t: [0] });
    await starting;
    consumer.disconnect = () => new Promise(() => undefined);
    await member.close(10);
    expect(member.state).toBe('closed');
  });
});
