import { jest } from '@jest/globals';
import type { JobView } from '@orderstream/contracts';
import { ApiClient, AT_ITS_BEGINNING, lettersAtLeast, killRedrive, Sandbox, writeProof } from '@orderstream/testing';

jest.setTimeout(1_200_000);

const ROWS = 10_000;
const RATE = 1_000;

it('10,000 dead letters of one cause are worked off by one redrive, with its process killed four times', async () => {
  const world = await (await Sandbox.forTests()).start();
  try {
    const moments = [
      AT_ITS_BEGINNING,
      lettersAtLeast('redriven', 2_000, 'a fifth is taken'),
      lettersAtLeast('redriven', 7_000, 'most are taken'),
      lettersAtLeast('closed', 1_000, 'a tenth is closed'),
    ];
    const figures = await killRedrive(world, { rows: ROWS, rate: RATE, moments });
    const { job, redrive } = figures;
    expect(job.counts).toMatchObject({ received: ROWS, accepted: ROWS, stored: ROWS, rejected: 0, pending: 0 });
    expect(redrive.counts).toMatchObject({ received: ROWS, published: ROWS, stored: ROWS, rejected: 0, pending: 0 });
    const api = new ApiClient(world.api.url);
    const again = await api.command<JobView>('/dead-letters/redrive', { job: job.id });
    expect([again.status, again.body.counts.received]).toEqual([200, 0]);
    expect((await api.job(job.id)).counts).toEqual(job.counts);
    const { letters, kills, seconds } = figures;
    writeProof('redrive', {
      letters,
      rate: RATE,
      kills,
      seconds,
      jobCounts: job.counts,
      redriveCounts: redrive.counts,
      lettersOfSecondRedrive: again.body.counts.received,
    });
  } finally {
    await world.close();
  }
});
