/** Promises 1, 2, 4 and 5 at once: two minutes of random faults. The long form is test/prove/chaos.spec.ts. */
import { jest } from '@jest/globals';
import { ClusterLab, unleashChaos, type Sandbox } from '@orderstream/testing';

jest.setTimeout(900_000);

describe('random kills, cuts, delays and pauses of everything', () => {
  let lab: ClusterLab | undefined;
  let world: Sandbox | undefined;

  afterAll(async () => {
    await world?.close();
    await lab?.close();
  });

  it('lose nothing, let the newest win and leave counts that close', async () => {
    lab = await ClusterLab.start({ brokers: 3, nodes: 3 });
    world = await lab.sandbox();
    await world.start(240_000);
    const figures = await unleashChaos(lab, world, { seed: 20, forMs: 120_000, rowsPerSecond: 2_000 });
    expect(figures.stored).toBe(figures.orders);
    const done = Object.keys(figures.faults).join('; ');
    for (const kind of [
      /ingest-api|sink-worker/,
      /Kafka broker/,
      /Cassandra node/,
      /(to|of) Kafka/,
      /(to|of) Cassandra/,
    ])
      expect(done).toMatch(kind);
  });
});
