import { jest } from '@jest/globals';
import { killSinkUnderLoad, median, Sandbox, writeProof } from '@orderstream/testing';

jest.setTimeout(900_000);

const ROWS = 100_000;
const KILLS = 3;
const RECOVERY_MS = 15_000;

it('a sink that is killed three times in 100,000 rows stores again within 15 s, and every row is there with its write time', async () => {
  // The session time-out of a plain start, not the short one of tests: it is most of what recovery takes.
  const world = await (await Sandbox.forTests({ KAFKA_SESSION_TIMEOUT: '10s' })).start();
  try {
    const { rows, stored, job, recoveryMs, passedAtKill } = await killSinkUnderLoad(world, {
      rows: ROWS,
      kills: KILLS,
    });
    expect(passedAtKill.every((passed) => passed > 0 && passed < ROWS)).toBe(true);
    expect(median(recoveryMs)).toBeLessThan(RECOVERY_MS);
    expect(stored).toBe(ROWS);
    expect(job.counts).toMatchObject({ received: ROWS, stored: ROWS, rejected: 0, pending: 0 });
    writeProof('killed-sink', {
      rows,
      passedAtKill,
      recoveryMs,
      medianRecoveryMs: median(recoveryMs),
      stored,
      counts: job.counts,
    });
  } finally {
    await world.close();
  }
});
