import { performance } from 'node:perf_hooks';
import { jest } from '@jest/globals';
import type { CassandraSession } from '@orderstream/cassandra';
import {
  ApiClient,
  cqlSession,
  deleteOrders,
  FLAWLESS,
  peakMemoryMiB,
  Sandbox,
  startRun,
  verifyRun,
  writeProof,
} from '@orderstream/testing';

jest.setTimeout(1_800_000);

/** A smaller run for a look at the test itself; it writes no proof. */
const GIVEN = process.env['VERIFIED_RUN_RECORDS'];
const RECORDS = Number(GIVEN ?? 1_000_000);
const PLANTED = RECORDS / 1000;
const RATE = 10_000;
const SETTLED_MS = 1_200_000;

describe(`a run of ${RECORDS} orders with 5 % updates and 0.1 % faults`, () => {
  let world: Sandbox;
  let session: CassandraSession;

  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
    session = await cqlSession(world);
  });
  afterAll(async () => {
    await session?.close();
    await world?.close();
  });

  it('verifies: nothing lost, stale or unexpected, rejected = planted; then 10 deleted rows are exactly those it names', async () => {
    const api = new ApiClient(world.api.url);
    const run = await startRun(api, `rate=${RATE}&count=${RECORDS}&updates=0.05&faults=0.001&seed=verified`);
    await api.settled(run.id, SETTLED_MS);
    const peakBeforeMiB = peakMemoryMiB(world.api.pid);
    const startedAt = performance.now();
    const proof = await verifyRun(api, run.id);
    const verifySeconds = Math.round((performance.now() - startedAt) / 100) / 10;
    const peakMiB = peakMemoryMiB(world.api.pid);
    expect(proof).toMatchObject({ ...FLAWLESS, expected: RECORDS, rejected: PLANTED, planted: PLANTED });
    expect(proof.stored).toBe(RECORDS - PLANTED);

    const deleted = await deleteOrders(session, 10);
    const torn = await verifyRun(api, run.id);
    expect([...torn.missing].sort()).toEqual(deleted);
    expect(torn).toMatchObject({ stale: 0, different: 0, unexpected: 0, stored: proof.stored - torn.lost });

    const { missing, ...counts } = proof;
    const memory = { peakBeforeMiB, peakMiB };
    const figures = { ...counts, missing: missing.length, verifySeconds, memory, deleted, named: torn.missing };
    if (GIVEN === undefined) writeProof('verified-run', figures);
    else process.stderr.write(`${JSON.stringify(figures)}\n`);
  });
});
