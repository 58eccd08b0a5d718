/** Ten files of 100,000 rows at the same time. */
import { jest } from '@jest/globals';
import { ApiClient, countsClose, ordersCsv, peakMemoryMiB, Sandbox, stopwatch, writeProof } from '@orderstream/testing';

jest.setTimeout(1_800_000);

const UPLOADS = 10;
const ROWS = 100_000;

it('ten uploads of 100,000 rows at once: all counts right, the API under 400 MB', async () => {
  const world = await (await Sandbox.forTests()).start();
  try {
    const api = new ApiClient(world.api.url);
    const since = stopwatch();
    const jobs = await Promise.all(Array.from({ length: UPLOADS }, (_, n) => api.upload(ordersCsv(0, ROWS, `u${n}`))));
    const publishedMs = since.elapsedMs();
    const settled = await Promise.all(jobs.map(({ id }) => api.settled(id, 1_500_000)));
    const settledMs = since.elapsedMs();
    const peakMiB = peakMemoryMiB(world.api.pid);
    settled.forEach(countsClose);
    for (const { counts } of settled) expect(counts).toMatchObject({ received: ROWS, stored: ROWS, rejected: 0 });
    expect(peakMiB * 1.048576).toBeLessThan(400);
    writeProof('ten-uploads-at-once', {
      uploads: UPLOADS,
      rows: ROWS,
      publishedMs,
      settledMs,
      peakMiB,
      stored: settled.map(({ counts }) => counts.stored),
    });
  } finally {
    await world.close();
  }
});
