/** Promise 4, long form: a store that answers 200 ms late slows the sources, and nothing else. */
import { jest } from '@jest/globals';
import { FaultProxy, Sandbox, slowTheStore, writeProof } from '@orderstream/testing';

jest.setTimeout(1_800_000);

const MAX_LAG_ROWS = 100_000;
const MAX_LAG_SECONDS = 30;

it('CQL answers 200 ms late under a run at 20,000/s and an upload: the lag stays bounded, nothing is lost, rates recover', async () => {
  const proxy = await FaultProxy.to(process.env['TEST_CASSANDRA_CONTACT_POINTS']!);
  const world = await Sandbox.create({
    brokers: process.env['TEST_KAFKA_BROKERS']!,
    contactPoints: proxy.address,
    env: { MAX_LAG_ROWS: String(MAX_LAG_ROWS), MAX_LAG_SECONDS: String(MAX_LAG_SECONDS), DRAIN_RATE_FLOOR: '300' },
  });
  try {
    await world.start();
    const figures = await slowTheStore(world, proxy, {
      rate: 20_000,
      runRows: 400_000,
      uploadRows: 100_000,
      delayMs: 200,
      slowForMs: 30_000,
    });
    const { run, upload, ...rest } = figures;
    expect(figures.mostLagRows).toBeLessThan(MAX_LAG_ROWS);
    expect(run.counts).toMatchObject({ received: 400_000, stored: 400_000, rejected: 0 });
    expect(upload.counts).toMatchObject({ received: 100_000, stored: 100_000, rejected: 0 });
    expect(figures.storedPerSecond.slow).toBeLessThan(figures.storedPerSecond.before);
    expect(figures.storedPerSecond.after).toBeGreaterThan(0.8 * figures.storedPerSecond.before);
    expect(Math.max(...figures.singles.acknowledgedMs)).toBeLessThan(1_000);
    expect(Math.max(...figures.singles.readableMs)).toBeLessThan((MAX_LAG_SECONDS + 2) * 1_000);
    writeProof('slow-store', { ...rest, maxLagRows: MAX_LAG_ROWS, run: run.counts, upload: upload.counts });
  } finally {
    await world.close();
    await proxy.close();
  }
});
