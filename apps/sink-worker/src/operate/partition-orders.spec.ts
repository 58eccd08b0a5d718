import type { StoredPartitionOrder } from '@orderstream/cassandra';
import type { StoppedPartition } from '@orderstream/kafka';
import { loadStreams, StreamRegistry } from '@orderstream/streams';
import type { Refusal } from '../reject/dead-letter.js';
import { PartitionOrders } from './partition-orders.js';

const JOB = '3f2c1a7e-1111-4222-8333-444455556666';
const record = {
  offset: '41',
  key: null,
  value: Buffer.from('{"id":"ada"}'),
  headers: { 'os-job': Buffer.from(JOB), 'os-row': Buffer.from('2') },
  timestamp: '1700000000000',
};
const STOPPED: StoppedPartition = {
  topic: 'users_created',
  partition: 1,
  offset: '41',
  error: new TypeError('boom'),
  record,
};
const order = (action: 'retry' | 'skip', offset = '41'): StoredPartitionOrder => ({
  id: `${action}-${offset}`,
  topic: 'users_created',
  partition: 1,
  offset,
  action,
});

/** The consumer, the store and the letters are stand-ins that write down what they are told. */
function setUp(waiting: StoredPartitionOrder[], { stopped = [STOPPED], letterFails = false } = {}) {
  const log: string[] = [];
  const letters: Refusal[] = [];
  let now = stopped;
  const consumer = {
    stoppedPartitions: () => now,
    retryPartition: () => {
      log.push('retry');
      now = [];
      return true;
    },
    skipRecord: (_: unknown, offset: string) => {
      log.push(`skip ${offset}`);
      now = [];
      return STOPPED;
    },
  };
  const orders = {
    list: async () => {
      log.push('look');
      return waiting;
    },
    remove: async (id: string) => void log.push(`remove ${id}`),
  };
  const write = async (refusals: readonly Refusal[]): Promise<void> => {
    log.push('letter');
    if (letterFails) throw new Error('nobody takes letters');
    letters.push(...refusals);
  };
  const streams = new StreamRegistry(loadStreams({ topicPrefix: '' }));
  const silent = { warn: () => undefined, debug: () => undefined } as never;
  const partitionOrders = new PartitionOrders({ orders, consumer, letters: { write }, streams }, silent);
  return { partitionOrders, log, letters };
}

describe('PartitionOrders', () => {
  it('does not ask the store while no partition is stopped', async () => {
    const { partitionOrders, log } = setUp([order('retry')], { stopped: [] });
    expect(await partitionOrders.carryOut()).toBe(0);
    expect(log).toEqual([]);
  });

  it('retries, and takes the order off', async () => {
    const { partitionOrders, log } = setUp([order('retry')]);
    expect(await partitionOrders.carryOut()).toBe(1);
    expect(log).toEqual(['look', 'retry', 'remove retry-41']);
  });

  it('writes the letter of a skipped record before it goes on, with the error, the job and the row', async () => {
    const { partitionOrders, log, letters } = setUp([order('skip')]);
    expect(await partitionOrders.carryOut()).toBe(1);
    expect(log).toEqual(['look', 'letter', 'skip 41', 'remove skip-41']);
    expect(letters).toMatchObject([{ stream: 'users', topic: 'users_created', partition: 1, stage: 'write', record }]);
    expect(letters[0]!.fault.code).toBe('skipped');
    expect(letters[0]!.fault.reason).toContain('TypeError: boom');
    expect(letters[0]!.origin).toMatchObject({ jobId: JOB, jobRow: 2 });
  });

  it('stays where it is while the letter cannot be written, and keeps the order', async () => {
    const { partitionOrders, log } = setUp([order('skip')], { letterFails: true });
    expect(await partitionOrders.carryOut()).toBe(0);
    expect(log).toEqual(['look', 'letter']);
  });

  it.each(['retry', 'skip'] as const)('leaves a %s alone that names another record', async (action) => {
    const { partitionOrders, log } = setUp([order(action, '40'), order(action, '42')]);
    expect(await partitionOrders.carryOut()).toBe(0);
    expect(log).toEqual(['look']);
  });

  it('does one of two orders for the same stop', async () => {
    const { partitionOrders, log } = setUp([order('skip'), order('skip')]);
    expect(await partitionOrders.carryOut()).toBe(1);
    expect(log.filter((line) => line === 'letter')).toHaveLength(1);
  });

  it('has no letter for a stop without a record, and does not skip it', async () => {
    const { record: _, ...bare } = STOPPED;
    const { partitionOrders, log } = setUp([order('skip')], { stopped: [bare] });
    expect(await partitionOrders.carryOut()).toBe(0);
    expect(log).toEqual(['look']);
  });
});
