/** Promise 5: the answer to an upload is what the table holds. The whole Olist file is in test/prove. */
import { jest } from '@jest/globals';
import { Sandbox, uploadOlistFile } from '@orderstream/testing';

jest.setTimeout(240_000);

const ROWS = 20_000;

describe('it says what it did', () => {
  let world: Sandbox;
  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
  });
  afterAll(() => world?.close());

  it('answers an upload that waits with 200 once each of its 20,000 rows is in the table, and counts as the table does', async () => {
    const { status, job, counted } = await uploadOlistFile(world, { rows: ROWS });
    expect(status).toBe(200);
    expect(job).toMatchObject({
      stream: 'olist-orders',
      state: 'stored',
      counts: { received: ROWS, accepted: ROWS, published: ROWS, stored: ROWS, rejected: 0, pending: 0 },
      rejectedByCode: {},
    });
    expect(job.segments.reduce((sum, { count }) => sum + count, 0)).toBe(ROWS);
    expect(counted).toBe(ROWS);
  });
});
