import { jest } from '@jest/globals';
import type { StopRepository } from '@orderstream/cassandra';
import type { JobView } from '@orderstream/contracts';
import type { JobReader } from './job-reader.js';
import { JobStopper } from './job-stopper.js';
import type { RunningJobs } from './running-jobs.js';

const SECOND = 1_000;

/** A job that no process runs, seen through the table; `states` is what it is in from then on, ms. */
async function stopped(kind: JobView['kind'], states: readonly (readonly [number, JobView['state']])[]) {
  const requested: string[] = [];
  const startMs = Date.now();
  const view = (id: string) => {
    const [, state] = states.filter(([fromMs]) => Date.now() - startMs >= fromMs).at(-1)!;
    return Promise.resolve({ id, kind, state } as JobView);
  };
  const stops = { request: (id: string) => Promise.resolve(void requested.push(id)) } as unknown as StopRepository;
  const running = { find: () => undefined } as unknown as RunningJobs;
  const answer = new JobStopper(running, stops, { view } as unknown as JobReader).stop('j');
  await jest.advanceTimersByTimeAsync(10 * SECOND);
  return { requested, state: (await answer).state };
}

describe('a job that is to be cancelled', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('is asked to stop where it runs', async () => {
    const answer = await stopped('run', [
      [0, 'receiving'],
      [2 * SECOND, 'cancelled'],
    ]);
    expect(answer).toEqual({ requested: ['j'], state: 'cancelled' });
  });

  it('and is an interrupted redrive is asked, too: it is stopped when it is gone on with', async () => {
    const answer = await stopped('redrive', [
      [0, 'interrupted'],
      [5 * SECOND, 'receiving'],
      [6 * SECOND, 'cancelled'],
    ]);
    expect(answer).toEqual({ requested: ['j'], state: 'cancelled' });
  });

  it('and has ended is left as it is', async () => {
    expect(await stopped('redrive', [[0, 'stored']])).toEqual({ requested: [], state: 'stored' });
    expect(await stopped('upload', [[0, 'interrupted']])).toEqual({ requested: [], state: 'interrupted' });
  });
});
