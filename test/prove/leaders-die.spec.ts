/** Promise 1, long form: a partition leader dies ten times, and no acknowledged row is lost. */
import { jest } from '@jest/globals';
import { ClusterLab, killLeaders, Sandbox, writeProof } from '@orderstream/testing';

jest.setTimeout(1_800_000);

let lab: ClusterLab | undefined;
let world: Sandbox | undefined;

afterAll(async () => {
  await world?.close();
  await lab?.close();
});

it('ten leaders die under uploads to twelve partitions: every acknowledged row is in the log', async () => {
  lab = await ClusterLab.start({ brokers: 3, nodes: 0 });
  const contactPoints = process.env['TEST_CASSANDRA_CONTACT_POINTS']!;
  const env = { MAX_LAG_SECONDS: '24h', MAX_LAG_ROWS: '2000000000' }; // nothing drains the topic here
  world = await Sandbox.create({ brokers: lab.brokers, contactPoints, env });
  const figures = await killLeaders(lab, world, 10);
  expect(figures.uploads).toBeGreaterThan(10);
  expect(figures.acknowledged).toBeGreaterThan(30_000);
  // Without losses of the plain producer nothing would be shown.
  expect(figures.plain.lost).toBeGreaterThan(0);
  writeProof('leaders-die', { ...figures });
});
