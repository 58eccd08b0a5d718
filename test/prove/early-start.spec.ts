import { jest } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_JARS_DIR, freePorts, startStack, type RunningStack } from '@orderstream/stack';
import { ApiClient, ordersCsv, Sandbox, startBeforeServers, writeProof } from '@orderstream/testing';

jest.setTimeout(600_000);

it('both applications start before Kafka and Cassandra exist, say so, and go on when they come', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'orderstream-early-'));
  const [kafkaPort, controllerPort, cqlPort, storagePort] = (await freePorts(4)) as [number, number, number, number];
  const ports = { kafkaPort, controllerPort, cqlPort, storagePort };
  const world = await Sandbox.create({ brokers: `127.0.0.1:${kafkaPort}`, contactPoints: `127.0.0.1:${cqlPort}` });
  let stack: RunningStack | undefined;
  try {
    const figures = await startBeforeServers(world, async () => {
      stack = await startStack({ dir, jarsDir: DEFAULT_JARS_DIR, ...ports });
    });
    expect(figures).toMatchObject({
      saidOverHttp: { api: expect.stringMatching(/^waiting for /), sink: 'waiting for Cassandra' },
      saidInLog: { api: true, sink: true },
      alive: { api: 200, sink: 200 },
    });
    const job = await new ApiClient(world.api.url).upload(ordersCsv(0, 1_000), '?wait=stored');
    expect(job.counts).toMatchObject({ received: 1_000, stored: 1_000 });
    writeProof('early-start', {
      ...figures,
      counts: job.counts,
    });
  } finally {
    await world.close();
    await stack?.stop();
    rmSync(dir, { recursive: true, force: true });
  }
});
