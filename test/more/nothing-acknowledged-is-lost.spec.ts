/** Promise 1: what was acknowledged is stored, whatever becomes of the worker that stores it. The long form is in test/prove. */
import { jest } from '@jest/globals';
import {
  ApiClient,
  checkOrders,
  countsClose,
  KafkaTopics,
  killSinkUnderLoad,
  orderIds,
  ordersCsv,
  Sandbox,
  stopwatch,
} from '@orderstream/testing';

jest.setTimeout(240_000);

describe('nothing that was acknowledged is lost', () => {
  let world: Sandbox;

  beforeEach(async () => {
    world = await (await Sandbox.forTests()).start();
  });
  afterEach(() => world?.close());

  it('a sink that is killed while it stores 30,000 rows goes on where it stood: every row is there, with its own write time', async () => {
    const figures = await killSinkUnderLoad(world, { rows: 30_000, kills: 1 });
    expect(figures.passedAtKill[0]).toBeLessThan(30_000);
    expect(figures.job).toMatchObject({
      state: 'stored',
      counts: { received: 30_000, stored: 30_000, rejected: 0, pending: 0 },
    });
    expect(figures.stored).toBe(30_000);
  });

  it('a sink that is told to stop under load ends within 10 s with code 0 and says what it stored; another one takes over', async () => {
    const topic = world.topic('orders');
    const topics = KafkaTopics.on(world.options.brokers);
    const heir = await world.another('sink-worker');
    try {
      const upload = new ApiClient(world.api.url).upload(ordersCsv(0, 30_000), '?wait=stored&timeout=3m');
      await topics.untilCommitted(world.id, topic, 3_000);
      heir.spawn();
      const since = stopwatch();
      await world.sink.stop();
      expect(since.elapsedMs()).toBeLessThan(10_000);
      expect(world.sink.exitCode).toBe(0);
      const told = partitionsAtTheEnd(world.sink.output.join(''), topic);
      expect(told.reduce((sum, { stored }) => sum + stored, 0)).toBeGreaterThanOrEqual(3_000);
      expect(told.every(({ rejected, sampleKey }) => rejected === 0 && typeof sampleKey === 'string')).toBe(true);

      const job = await upload;
      countsClose(job);
      expect(job.counts).toMatchObject({ received: 30_000, stored: 30_000, rejected: 0 });
      expect(await checkOrders(world, orderIds(0, 30_000))).toBe(30_000);
    } finally {
      await heir.stop();
    }
  });
});

interface PartitionLine {
  readonly partition: string;
  readonly stored: number;
  readonly rejected: number;
  readonly sampleKey: string | null;
}

/** What the worker said of each partition of the topic when it ended. */
function partitionsAtTheEnd(output: string, topic: string): PartitionLine[] {
  const lines = output.split('\n').filter((line) => line.includes('partition at the end'));
  return lines
    .map((line) => JSON.parse(line) as PartitionLine)
    .filter(({ partition }) => partition.startsWith(`${topic}-`));
}
