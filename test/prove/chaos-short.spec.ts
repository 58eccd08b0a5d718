/** Promises 1, 2, 4 and 5 at once: two minutes of random faults. The long form is chaos.spec.ts. */
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
    world = await (await lab.sandbox()).start(240_000);
    const figures = await unleashChaos(lab, world, { seed: 20, forMs: 120_000, rowsPerSecond: 1_000 });
    expect(figures.stored).toBe(figures.orders);
    expect(Object.keys(figures.faults).length).toBeGreaterThan(3);
  });
});
