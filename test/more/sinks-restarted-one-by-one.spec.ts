/** A rolling restart of the sinks under load: two rebalances for each at most, no long gap, nothing lost. */
import { jest } from '@jest/globals';
import {
  eventually,
  KafkaTopics,
  KeyedUploads,
  Sandbox,
  seededRandom,
  settleUploads,
  stopwatch,
  type AppProcess,
  type PartitionPlace,
} from '@orderstream/testing';

jest.setTimeout(300_000);

const MAX_GAP_MS = 12_000;
const REBALANCES = 2;

describe('a rolling restart of two sinks under load', () => {
  let world: Sandbox;
  let other: AppProcess;

  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
    other = await world.another('sink-worker');
    await other.start();
  });
  afterAll(async () => {
    await other?.stop();
    await world?.close();
  });

  /** Each assignment that this process was told of. */
  const joins = (sink: AppProcess): number => sink.output.join('').split('"partitions assigned"').length - 1;

  it('costs two rebalances per restart at most, no gap of more than 12 s, and no row', async () => {
    const { brokers } = world.options;
    const topics = KafkaTopics.on(brokers);
    const topic = world.topic('orders');
    const uploads = new KeyedUploads(world, { rowsPerSecond: 2_000, rowsPerUpload: 1_000, random: seededRandom(7) });
    const stop = new AbortController();
    const load = uploads.run(stop.signal);
    const gaps = new CommitGaps(() => topics.places(world.id, topic));
    const watching = gaps.watch(stop.signal);
    try {
      await topics.untilCommitted(world.id, topic, 2_000);
      for (const [restarted, staying] of [
        [world.sink, other],
        [other, world.sink],
      ] as const) {
        const [before, joined] = [joins(staying), joins(restarted)];
        await restarted.stop();
        await restarted.start();
        await eventually(async () => joins(restarted) > joined, { what: 'the restarted sink in the group' });
        const passed = await topics.committed(world.id, topic);
        await topics.untilCommitted(world.id, topic, passed + 4_000);
        expect(joins(staying) - before).toBeLessThanOrEqual(REBALANCES);
      }
    } finally {
      stop.abort();
      await Promise.all([load, watching]);
    }
    expect(gaps.longestMs).toBeLessThan(MAX_GAP_MS);
    const { stored } = await settleUploads(brokers, world, [uploads]);
    expect(stored).toBe(uploads.productById.size);
  });
});

/** The longest time in which nothing was committed of a partition that had records to read. */
class CommitGaps {
  longestMs = 0;
  private readonly since = new Map<number, { committed: number; watch: ReturnType<typeof stopwatch> }>();

  constructor(private readonly places: () => Promise<PartitionPlace[]>) {}

  async watch(stop: AbortSignal): Promise<void> {
    const look = async () => {
      for (const place of await this.places()) this.see(place);
      return stop.aborted;
    };
    await eventually(look, { timeoutMs: 300_000, everyMs: 200, what: 'the end of the load' });
  }

  private see({ partition, committed, end }: PartitionPlace): void {
    const last = this.since.get(partition);
    // What went on between two looks is no gap, however long this process was held up.
    if (last && committed === last.committed && committed < end)
      this.longestMs = Math.max(this.longestMs, last.watch.elapsedMs());
    else this.since.set(partition, { committed, watch: stopwatch() });
  }
}
