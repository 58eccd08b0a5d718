/** Promise 4: the store may go away or hang under load; nobody has to do anything. The long form is in test/prove. */
import { jest } from '@jest/globals';
import { Sandbox, takeStoreAway, type OutageFigures, type OutageKind } from '@orderstream/testing';
import { attachStack, type RunningServer } from '@orderstream/stack';

jest.setTimeout(300_000);

const OUTAGE_MS = 8_000;
const RATE = 300;
const KINDS: readonly (readonly [string, OutageKind])[] = [
  ['is killed and started again', 'SIGKILL'],
  ['hangs and comes round', 'SIGSTOP'],
];

async function storeOfTheStack(): Promise<RunningServer> {
  const dir = process.env['TEST_STACK_DIR'];
  if (!dir) throw new Error('TEST_STACK_DIR is not set; run this file through the jest project "stack"');
  const { cassandra } = await attachStack(dir);
  return cassandra!;
}

describe.each(KINDS)('a store that %s under load is not an error', (_, kind) => {
  let world: Sandbox;
  let figures: OutageFigures;

  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
    figures = await takeStoreAway(world, await storeOfTheStack(), { kind, outageMs: OUTAGE_MS, rate: RATE });
  });
  afterAll(() => world?.close());

  it('makes the API degraded, not down', () => {
    expect(figures.seen.degradedAfterMs).not.toBeNull();
  });

  it('refuses a new upload with 503 and says when to come again', () => {
    const { status, code, retryAfter } = figures.seen.newUpload;
    expect({ status, code }).toEqual({ status: 503, code: 'store_unavailable' });
    expect(Number(retryAfter)).toBeGreaterThan(0);
  });

  it('takes single records all the same', () => {
    expect(figures.seen.singleRecords).toEqual([202, 202]);
  });

  it('says of an order that it cannot be looked up now', () => {
    expect(figures.seen.order).toBe(503);
  });

  it('leaves the sink alive', () => {
    expect(figures.seen.sinkLive).toBe(200);
    expect(world.sink.exitCode).toBeNull();
  });

  it('costs no letter and no row: run, upload and single records are stored once the store is back', () => {
    expect(figures.deadLetters).toBe(0);
    for (const { state, counts } of [figures.run, figures.upload]) {
      expect(state).toBe('stored');
      expect(counts).toMatchObject({ stored: counts.received, rejected: 0, pending: 0 });
    }
    expect(figures.upload.counts.received).toBe(2_001);
    expect(figures.stored).toBe(figures.run.counts.received + figures.upload.counts.received + 2);
    expect(figures.caughtUpMs).toBeLessThan(60_000);
  });
});
