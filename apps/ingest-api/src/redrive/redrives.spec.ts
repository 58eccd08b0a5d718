import type { DeadLetterState, LastRedrive, LetterName, NewRedriveLetter, StoredJob } from '@orderstream/cassandra';
import { createMetrics } from '@orderstream/observability';
import { ActiveJob } from '../track/active-job.js';
import { Discarding } from './discarding.js';
import { identityOf, type RedriveOptions, type RedriveRequest } from './redrive-plan.js';
import { Redrives, type RedriveParts } from './redrives.js';

const GROUP: RedriveRequest = { selection: { group: '0123456789abcdef' }, rate: 500 };
const OTHER: RedriveRequest = { selection: { ids: ['orders-0-1'] }, rate: 500 };

/** The tables, with letters in these states; whoever works on a redrive does nothing and leaves it as it is. */
function rig(states: readonly DeadLetterState[], last?: { request: RedriveRequest; state: StoredJob['state'] }) {
  const letters = states.map((state, n) => ({
    id: `orders-0-${n}`,
    topic: 'orders',
    stream: 'orders',
    partition: 0,
    offset: String(n),
    state,
  }));
  const worked: { id: string; options: RedriveOptions }[] = [];
  let lastRedrive: LastRedrive | undefined = last && { id: 'r', selection: identityOf(last.request) };
  let taken: readonly NewRedriveLetter[] = [];
  const active = (id: string) => {
    const identity = { id, kind: 'redrive' as const, stream: 'orders', sourceName: '', writeTimeBase: 0 };
    return new ActiveJob({ ...identity, createdAt: new Date() });
  };
  const yes = () => Promise.resolve(true);
  const observed = { metrics: createMetrics('ingest-api'), log: { info: () => undefined, debug: () => undefined } };
  const letterStore = {
    async *summaries() {
      yield await Promise.resolve(letters);
    },
    discard: ({ id }: LetterName, from: DeadLetterState) => {
      const letter = letters.find((one) => one.id === id)!;
      if (letter.state !== from) return Promise.resolve(false);
      letter.state = 'discarded';
      return yes();
    },
  };
  const parts = {
    redrives: {
      last: () => Promise.resolve(lastRedrive),
      setLast: (next: LastRedrive) => Promise.resolve(void (lastRedrive = next)),
      put: (_: string, list: readonly NewRedriveLetter[]) => Promise.resolve(void (taken = list)),
    },
    letters: letterStore,
    jobs: {
      find: () =>
        Promise.resolve(
          last && { id: 'r', state: last.state, options: JSON.stringify({ ...last.request, letters: 1 }) },
        ),
    },
    leases: { take: yes, keep: yes, release: () => Promise.resolve() },
    running: {
      open: ({ id }: { id: string }) => Promise.resolve(active(id)),
      resume: (id: string) => Promise.resolve({ job: active(id) }),
    },
    reader: { view: (id: string) => Promise.resolve({ id }) },
    runner: { run: ({ id }: ActiveJob, options: RedriveOptions) => Promise.resolve(void worked.push({ id, options })) },
    ...observed,
  } as unknown as RedriveParts;
  const redrives = new Redrives(parts);
  const discarding = new Discarding(parts.letters, redrives, observed as never);
  return { redrives, discarding, worked, taken: () => taken.map(({ id }) => id), letters };
}

describe('redrives', () => {
  it('take letters that one which is over has left, too', async () => {
    const { redrives, taken } = rig(['open', 'redriven', 'closed', 'parked'], { request: OTHER, state: 'cancelled' });
    expect(await redrives.start(GROUP)).toMatchObject({ status: 202 });
    expect(taken()).toEqual(['orders-0-0', 'orders-0-1']);
  });

  it('go on with an interrupted one, which is answered only to those who asked for the same', async () => {
    const { redrives, worked } = rig(['open'], { request: GROUP, state: 'interrupted' });
    await expect(redrives.start(OTHER)).rejects.toMatchObject({ code: 'redrive_running' });
    expect(worked.map(({ id }) => id)).toEqual(['r']);
    expect(await redrives.start(GROUP)).toMatchObject({ status: 202, view: { id: 'r' } });
  });

  it.each([
    ['cancelled', 3],
    ['interrupted', 2],
  ] as const)('letters that one has left which is %s: a discard takes %i', async (state, discarded) => {
    const { discarding, letters } = rig(['open', 'redriven', 'parked', 'closed'], { request: GROUP, state });
    expect(await discarding.run(GROUP.selection, 'enough')).toEqual({ discarded });
    expect(letters[1]!.state).toBe(discarded === 3 ? 'discarded' : 'redriven');
  });
});
