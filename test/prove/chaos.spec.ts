/** Promises 1, 2, 4 and 5, long form: twenty minutes of random faults, for three seeds. */
import { jest } from '@jest/globals';
import { ClusterLab, unleashChaos, writeProof, type ChaosFigures, type Sandbox } from '@orderstream/testing';

const MINUTES = 20;
const SEEDS = [1, 2, 3];

jest.setTimeout(SEEDS.length * (MINUTES + 25) * 60_000);

let lab: ClusterLab | undefined;
let world: Sandbox | undefined;

async function close(): Promise<void> {
  await world?.close();
  await lab?.close();
  [world, lab] = [undefined, undefined];
}

afterAll(close);

it('nothing is lost, the newest wins and counts close after random kills, cuts, delays and pauses of everything', async () => {
  const runs: ChaosFigures[] = [];
  for (const seed of SEEDS) {
    lab = await ClusterLab.start({ brokers: 3, nodes: 3 });
    world = await lab.sandbox();
    await world.start(240_000);
    const run = await unleashChaos(lab, world, { seed, forMs: MINUTES * 60_000, rowsPerSecond: 2_000 });
    expect(run.stored).toBe(run.orders);
    runs.push(run);
    process.stderr.write(`${JSON.stringify(run)}\n`);
    await close();
  }
  writeProof('chaos', { runs });
});
