import { jest } from '@jest/globals';
import { Sandbox, uploadOlistFile, writeProof } from '@orderstream/testing';

jest.setTimeout(600_000);

/** Rows of the public Olist orders file. */
const ROWS = 99_441;

it('a file of 99,441 rows is answered with 200 and stored = 99,441, and the table has as many', async () => {
  const world = await (await Sandbox.forTests()).start();
  try {
    const { status, job, counted, bytes, elapsedMs } = await uploadOlistFile(world, { rows: ROWS });
    expect(status).toBe(200);
    expect(job).toMatchObject({ state: 'stored', counts: { received: ROWS, stored: ROWS, rejected: 0, pending: 0 } });
    expect(counted).toBe(ROWS);
    const { counts } = job;
    writeProof('whole-olist-file', {
      status,
      bytes,
      counts,
      countInTable: counted,
      elapsedMs,
    });
  } finally {
    await world.close();
  }
});
