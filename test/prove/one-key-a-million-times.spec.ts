import { jest } from '@jest/globals';
import { Sandbox, StoreReader, UserBacklog, userRecord, writeProof } from '@orderstream/testing';

jest.setTimeout(900_000);

const UPDATES = 1_000_000;
const NEWEST = 700_000;
const MAX_SINK_MIB = 400;

it('a million updates of one user and a million tombstones are drained with bounded memory, and the newest wins', async () => {
  const world = await (await Sandbox.forTests()).start();
  const store = await StoreReader.connect(world.options.contactPoints, world.keyspace);
  const backlog = await UserBacklog.open(world);
  try {
    await world.sink.stop();
    const baseMicros = Date.now() * 1000 - 10_000_000;
    const writeTime = (n: number): number => baseMicros + (n <= NEWEST ? n : UPDATES - n - 1);
    await backlog.fill(0, UPDATES, (n) => userRecord('one', { first_name: `${n}` }, writeTime(n)));
    await world.sink.start();
    const updates = await backlog.drain(600_000);
    const rows = await store.rows('created_users', 'id');
    expect([...rows.keys()]).toEqual(['one']);
    expect(rows.get('one')).toMatchObject({ offset: String(NEWEST), writeTimeMicros: BigInt(writeTime(NEWEST)) });

    await backlog.fill(1, UPDATES, (n) => userRecord(`storm-${n}`, null));
    const tombstones = await backlog.drain(600_000);
    expect(await store.count('created_users')).toBe(1);
    expect(tombstones.peakMemoryMiB).toBeLessThan(MAX_SINK_MIB); // of both: the sink was not started again
    writeProof('one-key-a-million-times', { updates, tombstones });
  } finally {
    await Promise.all([backlog.close(), store.close(), world.close()]);
  }
});
