import { jest } from '@jest/globals';
import { attachStack } from '@orderstream/stack';
import { Sandbox, takeStoreAway, writeProof, type OutageKind } from '@orderstream/testing';

jest.setTimeout(900_000);

const OUTAGE_MS = 30_000;
const RATE = 500;
const KINDS: readonly (readonly [string, OutageKind])[] = [
  ['killed-store', 'SIGKILL'],
  ['hanging-store', 'SIGSTOP'],
];

it.each(KINDS)(
  '%s: 30 s without Cassandra (%s) under load cost no letter and no row, and nobody has to do anything',
  async (name, kind) => {
    const world = await (await Sandbox.forTests({ KAFKA_SESSION_TIMEOUT: '10s' })).start();
    try {
      const { cassandra } = await attachStack(process.env['TEST_STACK_DIR']!);
      const figures = await takeStoreAway(world, cassandra!, { kind, outageMs: OUTAGE_MS, rate: RATE });
      const { run, upload, ...rest } = figures;
      expect(rest).toMatchObject({ deadLetters: 0, stored: run.counts.received + upload.counts.received + 2 });
      expect(rest.seen).toMatchObject({
        newUpload: { status: 503, code: 'store_unavailable' },
        singleRecords: [202, 202],
        sinkLive: 200,
      });
      for (const { state, counts } of [run, upload]) {
        expect({ state, ...counts }).toMatchObject({ state: 'stored', stored: counts.received, rejected: 0 });
      }
      writeProof(name, {
        ...rest,
        recordsPerSecond: RATE,
        run: run.counts,
        upload: upload.counts,
      });
    } finally {
      await world.close();
    }
  },
);
