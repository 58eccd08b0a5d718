/** Promises 1, 2, 4 and 5, long form: twenty minutes of random faults, for three seeds. */
import { jest } from '@jest/globals';
import { ClusterLab, unleashChaos, writeProof, type ChaosFigures } from '@orderstream/testing';

const MINUTES = 20;
const SEEDS = [1, 2, 3];

jest.setTimeout(SEEDS.length * (MINUTES + 25) * 60_000);

it('nothing is lost, the newest wins and counts close after random kills, cuts, delays and pauses of everything', async () => {
  const runs: ChaosFigures[] = [];
  for (const seed of SEEDS) {
    const lab = await ClusterLab.start({ brokers: 3, nodes: 3 });
    const world = await lab.sandbox();
    try {
      await world.start(240_000);
      runs.push(await unleashChaos(lab, world, { seed, forMs: MINUTES * 60_000, rowsPerSecond: 2_000 }));
    } finally {
      await world.close();
      await lab.close();
    }
  }
  writeProof('chaos', { runs });
});
