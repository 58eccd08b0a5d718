import { jest } from '@jest/globals';
import type { RejectSource } from '@orderstream/cassandra';
import type { PartitionProducer } from '@orderstream/kafka';
import { compileStream, ORDERS } from '@orderstream/streams';
import { chunksOf } from '../accept/chunks.fixture.js';
import { UnderWay } from '../publish/under-way.js';
import { ValueEncoding } from '../publish/value-encoding.js';
import type { JobReader } from '../track/job-reader.js';
import { JobReopener, type ReopenerStores } from './job-reopener.js';
import { Repair } from './repair.js';

const HEADER = 'order_id,product,category,quantity,price,timestamp';
const SOURCE: RejectSource = { format: 'csv', header: HEADER.split(',') };
const JOB = {
  id: 'j',
  kind: 'upload',
  stream: 'orders',
  state: 'stored',
  sourceName: 'f',
  writeTimeBase: 0n,
  accepted: 0,
  published: 0,
  rejectedAtDoor: 1,
};
const REJECT = { row: 2, stage: 'door', code: 'bad_int', reason: 'why' };
const FILE = `line,${HEADER}\n2,a,Lamp,home,1,2.50,2026-01-01\n`;

/** What is real: the repair, its reading and publishing. Kafka and Cassandra are told what to answer. */
describe('a repair', () => {
  const update = jest.fn(() => Promise.resolve(1n));
  const mark = jest.fn((_job: string, _rows: readonly number[], _attempt: number | null) => Promise.resolve());
  const send = jest.fn(() => Promise.resolve({ baseOffset: '7' }));
  let isHeld: boolean;

  const stores = {
    jobs: { find: () => Promise.resolve(JOB), segments: () => Promise.resolve([]), update },
    leases: {
      take: () => Promise.resolve(true),
      keep: () => Promise.resolve(isHeld),
      release: () => Promise.resolve(),
    },
    rejects: {
      source: () => Promise.resolve(SOURCE),
      async *entries() {
        yield [{ row: 2, reject: REJECT, raw: new Uint8Array() }];
      },
      mark,
      forget: () => Promise.resolve(),
    },
    letters: { async *positionsOfJob() {} },
  } as unknown as ReopenerStores;
  const reader = { view: () => Promise.resolve({ stream: 'orders', settledAt: 'then', state: 'stored' }) };
  const producer = { partitionCount: () => Promise.resolve(1), send };
  const flow = { room: () => Promise.resolve(), isHolding: false, sending: () => undefined, sent: () => undefined };

  const run = (chunks: AsyncIterable<Buffer> = chunksOf(FILE)): Promise<number> =>
    new Repair(
      stores,
      new JobReopener(stores, reader as unknown as JobReader),
      producer as unknown as PartitionProducer,
      () => compileStream(ORDERS),
      {
        maxRows: 10,
        maxBytes: 1e6,
        timeoutMs: 1_000,
        underWay: new UnderWay(1e6),
        values: new ValueEncoding(false),
        flow,
      },
    ).run('j', chunks, undefined);
  const marked = () => mark.mock.calls.filter(([, rows]) => rows.length > 0);

  beforeEach(() => {
    isHeld = true;
    jest.clearAllMocks();
  });
  afterEach(() => jest.useRealTimers());

  it('counts its rows once Kafka has them', async () => {
    expect(await run()).toBe(0);
    expect(marked().map(([, rows, attempt]) => [rows, attempt])).toEqual([[[2], 2]]);
    expect(update).toHaveBeenCalledWith(JOB, expect.objectContaining({ accepted: 1, rejectedAtDoor: 0 }), [
      expect.objectContaining({ base: '7', count: 1, firstRow: 2, lastRow: 2, attempt: 2 }),
    ]);
  });

  it('that loses its lease while Kafka takes the rows counts none and marks none: another may work on the job', async () => {
    send.mockImplementationOnce(() => {
      isHeld = false;
      return Promise.resolve({ baseOffset: '7' });
    });
    await expect(run()).rejects.toMatchObject({ code: 'job_running' });
    expect(send).toHaveBeenCalledTimes(1);
    expect([update.mock.calls, marked()]).toEqual([[], []]);
  });

  it('that loses its lease while its sender is silent ends then, not when the sender goes on', async () => {
    jest.useFakeTimers();
    async function* silent(): AsyncGenerator<Buffer> {
      yield Buffer.from(FILE);
      isHeld = false;
      await new Promise(() => undefined);
    }
    const failure = expect(run(silent())).rejects.toMatchObject({ code: 'job_running' });
    await jest.advanceTimersByTimeAsync(2_000);
    await failure;
    expect(update).not.toHaveBeenCalled();
  });
});
