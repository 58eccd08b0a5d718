import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { JobView } from '@orderstream/contracts';
import { builtInStreams, sampleCsv, StreamRegistry } from '@orderstream/streams';
import { peakMemoryMiB, Sandbox, writeProof } from '@orderstream/testing';

const GIBIBYTE = 2 ** 30;

/** Nothing drains the topics here, and the API is not to be held back by that. */
const NO_SINK = { MAX_LAG_SECONDS: '24h', MAX_LAG_ROWS: '2000000000' };

describe('a large upload', () => {
  let world: Sandbox;

  beforeAll(async () => {
    world = await Sandbox.forTests(NO_SINK);
    await world.api.start();
  }, 120_000);
  afterAll(() => world?.close());

  it('of 1 GiB is published row by row while the process stays under 300 MB', async () => {
    const stream = new StreamRegistry(builtInStreams()).byName('olist-orders')!;
    const [header, ...chunks] = [...sampleCsv(stream, { rows: 20_000, seed: 1 })];
    const block = chunks.join('');
    const blockRows = block.split('\n').length - 1;

    const upload = request(`${world.api.url}/ingest`, { method: 'POST', headers: { 'content-type': 'text/csv' } });
    const answer = once(upload, 'response');
    const startedAt = Date.now();
    let bytes = 0;
    let rows = 0;
    for (upload.write(header); bytes < GIBIBYTE; bytes += Buffer.byteLength(block)) {
      if (!upload.write(block)) await once(upload, 'drain');
      rows += blockRows;
    }
    upload.end();
    const [response] = (await answer) as [IncomingMessage];
    const job = JSON.parse(await text(response)) as JobView;
    const seconds = (Date.now() - startedAt) / 1000;
    const peakMiB = peakMemoryMiB(world.api.pid);
    expect(response.statusCode).toBe(202);
    expect(job.counts).toMatchObject({ received: rows, accepted: rows, published: rows, rejected: 0 });
    expect(peakMiB * 1.048576).toBeLessThan(300);
    writeProof('gibibyte-upload', {
      bytes,
      rows,
      seconds,
      rowsPerSecond: Math.round(rows / seconds),
      peakMiB,
      counts: job.counts,
    });
  }, 1_800_000);
});
