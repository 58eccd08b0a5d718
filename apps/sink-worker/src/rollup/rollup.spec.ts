import fc from 'fast-check';
import { batchOf, countedLog, ORDERS, process, World, type Fate } from './rollup-world.fixture.js';
import type { Rollup } from './rollup.js';

/** Fates that are dealt one after the other, again from the first when they are used up. */
function dealer(fates: readonly Fate[]): () => Fate {
  let next = 0;
  return () => (fates.length === 0 ? 'acknowledged' : fates[next++ % fates.length]!);
}
const always = (fate: Fate) => () => fate;

type Step =
  | { readonly kind: 'batch'; readonly count: number; readonly finished: number; readonly fates: readonly Fate[] }
  /** the buckets are written, the process is killed before it commits; another one begins */
  | { readonly kind: 'crash'; readonly count: number; readonly fates: readonly Fate[] }
  | { readonly kind: 'rebalance' }
  /** an earlier owner that does not know yet goes on with what it has */
  | { readonly kind: 'zombie'; readonly count: number; readonly fates: readonly Fate[] }
  | { readonly kind: 'land' }
  | { readonly kind: 'rewind' };

const fates = fc.array(fc.constantFrom<Fate>('acknowledged', 'acknowledged', 'answer lost', 'lost', 'late'), {
  maxLength: 6,
});
const count = fc.integer({ min: 1, max: 12 });
const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({ kind: fc.constant('batch' as const), count, finished: fc.nat({ max: 12 }), fates }),
    fc.record({ kind: fc.constant('batch' as const), count, finished: fc.constant(12), fates: fc.constant([]) }),
    fc.record({ kind: fc.constant('crash' as const), count, fates }),
    fc.constant({ kind: 'rebalance' as const }),
    fc.record({ kind: fc.constant('zombie' as const), count, fates }),
    fc.constant({ kind: 'land' as const }),
    fc.constant({ kind: 'rewind' as const }),
  ),
  { maxLength: 25 },
);

interface Owner {
  readonly rollup: Rollup;
  deal: () => Fate;
  /** the offset it reads next */
  next: number;
}

/** Two workers take turns with one partition. */
class History {
  readonly world = new World();
  /** of the log: so many records were read by anybody */
  length = 0;
  private committed = 0;
  private readonly owners: Owner[];

  constructor(maxBuckets?: number) {
    this.owners = [this.owner(maxBuckets), this.owner(maxBuckets)];
  }

  async run(step: Step): Promise<void> {
    const [owner, former] = this.owners as [Owner, Owner];
    switch (step.kind) {
      case 'batch':
        this.committed = await this.read(owner, step, step.finished);
        return;
      case 'crash':
        await this.read(owner, step, step.count);
        return this.rebalance();
      case 'zombie':
        await this.read(former, step, step.count);
        return;
      case 'rebalance':
        return this.rebalance();
      case 'land':
        return this.world.landLateWrites();
      case 'rewind':
        this.committed = 0;
        return this.rebalance();
    }
  }

  /** Everything is read to its end, and what was on its way arrives. */
  async finish(): Promise<void> {
    const [owner] = this.owners as [Owner];
    owner.deal = always('acknowledged');
    while (owner.next < this.length) await this.read(owner, { count: 7, fates: [] }, 7);
    this.world.landLateWrites();
  }

  /** The offset that the owner would commit. */
  private async read(
    owner: Owner,
    step: { readonly count: number; readonly fates: readonly Fate[] },
    finished: number,
  ): Promise<number> {
    owner.deal = dealer(step.fates);
    const batch = batchOf(owner.next, owner.next + step.count);
    this.length = Math.max(this.length, owner.next + step.count);
    const outcome = await process(owner.rollup, batch, Math.min(finished, step.count));
    owner.next += outcome.finished;
    return owner.next;
  }

  private rebalance(): void {
    this.owners.reverse();
    const [owner] = this.owners as [Owner];
    owner.rollup.newAssignment();
    owner.next = this.committed;
  }

  private owner(maxBuckets: number | undefined): Owner {
    const owner: Owner = {
      rollup: this.world.rollup(() => owner.deal(), maxBuckets),
      deal: always('acknowledged'),
      next: 0,
    };
    return owner;
  }
}

describe('the statistics of a partition', () => {
  it.each([[undefined], [3]])(
    'are the fold of its log, whatever is lost, late, killed, taken over or read again (%s buckets in memory)',
    async (maxBuckets) => {
      await fc.assert(
        fc.asyncProperty(steps, async (history) => {
          const partition = new History(maxBuckets);
          for (const step of history) await partition.run(step);
          await partition.finish();
          expect(partition.world.buckets()).toEqual(countedLog(partition.length));
        }),
        { numRuns: 100 },
      );
    },
  );

  it('do not finish a batch whose buckets are not acknowledged, and count it once when it comes again', async () => {
    const world = new World();
    const rollup = world.rollup(
      dealer(['acknowledged', 'answer lost', ...Array.from({ length: 30 }, () => 'acknowledged' as const)]),
    );
    expect(await process(rollup, batchOf(0, 10))).toMatchObject({ finished: 0, verdict: 'wait' });
    expect(await process(rollup, batchOf(0, 10))).toEqual({ finished: 10, verdict: 'ok' });
    expect(world.buckets()).toEqual(countedLog(10));
  });

  it('are read once for each bucket, and not before each write', async () => {
    const world = new World();
    const rollup = world.rollup(always('acknowledged'));
    for (let n = 0; n < 20; n++) await process(rollup, batchOf(n * 10, n * 10 + 10));
    expect(world.reads).toBe(world.buckets().size);
    rollup.newAssignment();
    await process(rollup, batchOf(200, 203));
    expect(world.reads).toBeGreaterThan(world.buckets().size);
  });

  it('wait for the id of the topic, and stop the partition for an error nobody knows', async () => {
    const world = new World();
    const rollup = world.rollup(() => {
      throw new Error('odd');
    });
    expect(await process(rollup, batchOf(0, 10))).toMatchObject({
      finished: 0,
      verdict: 'unknown',
      error: { message: 'odd' },
    });
    world.topicId = undefined as unknown as string;
    const silent = Object.assign(world.rollup(always('acknowledged')), {});
    Object.assign((silent as unknown as { parts: object }).parts, {
      askTopicId: () => Promise.reject(new Error('no broker')),
    });
    silent.newAssignment();
    expect(await process(silent, batchOf(0, 10))).toMatchObject({ verdict: 'wait', reason: 'topic_id_unknown' });
  });

  it('begin anew with a topic that was made anew; records that may be of either are fetched again', async () => {
    const world = new World();
    const rollup = world.rollup(always('acknowledged'));
    await process(rollup, batchOf(0, 10));
    world.topicId = 'topic-2';
    expect(await process(rollup, batchOf(0, 5))).toMatchObject({ finished: 0, reason: 'topic_id_unknown' });
    expect(await process(rollup, batchOf(0, 5))).toMatchObject({ finished: 5 });
    expect(world.sources().size).toBe(2);
    expect(ORDERS.topic).toBe('orders');
  });
});
