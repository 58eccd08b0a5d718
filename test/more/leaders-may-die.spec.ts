/** Promise 1: partition leaders die under uploads, and no acknowledged row is lost. Ten times over: test/prove/leaders-die.spec.ts. */
import { jest } from '@jest/globals';
import { ClusterLab, killLeaders, Sandbox } from '@orderstream/testing';

jest.setTimeout(600_000);

const KILLS = 2;

describe('partition leaders that die under uploads to twelve partitions', () => {
  let lab: ClusterLab | undefined;
  let world: Sandbox | undefined;

  afterAll(async () => {
    await world?.close();
    await lab?.close();
  });

  it('lose no row that was acknowledged', async () => {
    lab = await ClusterLab.start({ brokers: 3, nodes: 0 });
    const contactPoints = process.env['TEST_CASSANDRA_CONTACT_POINTS']!;
    const env = { MAX_LAG_SECONDS: '24h', MAX_LAG_ROWS: '2000000000' }; // nothing drains the topic here
    world = await Sandbox.create({ brokers: lab.brokers, contactPoints, env });
    const figures = await killLeaders(lab, world, KILLS);
    expect(figures.kills).toBe(KILLS);
    expect(figures.uploads).toBeGreaterThan(KILLS);
    expect(figures.acknowledged).toBeGreaterThan(10_000);
    expect(figures.inLog).toBeGreaterThanOrEqual(figures.acknowledged);
  });
});
