import type { DeadLetterState, LetterName, RedriveLetter } from '@orderstream/cassandra';
import { createMetrics } from '@orderstream/observability';
import { ActiveJob, CANCELLED } from '../track/active-job.js';
import { RedriveRunner, type RunnerParts } from './redrive-runner.js';

const JOB = '00000000-0000-4000-8000-000000000001';
const REQUEST = { selection: { group: 'g' }, rate: 500 } as const;
const sent = { sentOffset: '9', sentAttempt: 2 };
const letter = (position: number, more: Partial<RedriveLetter> = {}): RedriveLetter => ({
  id: `orders-0-${position}`,
  position,
  ...more,
});

/** A redrive whose letters another process has taken before; `failure` is what it meets with when it is gone on with. */
function rig(list: readonly RedriveLetter[], failure?: Error) {
  const stateById = new Map<string, DeadLetterState>(list.map(({ id }) => [id, 'redriven']));
  const ended: string[] = [];
  let asked = 0;
  const parts = {
    redrives: { letters: () => (failure && asked++ === 0 ? Promise.reject(failure) : Promise.resolve(list)) },
    letters: {
      async *positionsOf(ids: readonly string[]) {
        yield await Promise.resolve(ids.map((id) => ({ id, state: stateById.get(id)! })));
      },
      move: ({ id }: LetterName, from: DeadLetterState, to: DeadLetterState) => {
        if (stateById.get(id) !== from) return Promise.resolve(false);
        stateById.set(id, to);
        return Promise.resolve(true);
      },
    },
    running: { finish: (_: ActiveJob, state: string) => Promise.resolve(void ended.push(state)) },
    tableByStream: new Map(),
    publish: { maxBytes: 1e6 },
    metrics: createMetrics('ingest-api'),
    log: { warn: () => undefined, info: () => undefined },
  } as unknown as RunnerParts;
  const identity = { id: 'r', kind: 'redrive' as const, stream: 'orders', sourceName: '', writeTimeBase: 0 };
  const job = new ActiveJob({ ...identity, createdAt: new Date() });
  const run = (ends: { lost?: AbortSignal } = {}) =>
    new RedriveRunner(parts).run(
      job,
      { ...REQUEST, letters: list.length },
      { lost: new AbortController().signal, ending: new AbortController().signal, ...ends },
    );
  return { job, run, ended, states: () => list.map(({ id }) => stateById.get(id)) };
}

describe('a redrive that is gone on with only to be cancelled', () => {
  it('is cancelled, and gives its letters back: open, or closed where the copy of no job was sent', async () => {
    const { job, run, ended, states } = rig([
      letter(0),
      letter(1, sent),
      letter(2, { jobId: JOB }),
      letter(3, { jobId: JOB, ...sent }),
    ]);
    job.stop.abort(CANCELLED);
    await run();
    expect(ended).toEqual(['cancelled']);
    expect(states()).toEqual(['open', 'closed', 'open', 'redriven']);
  });

  it('is cancelled also when it fails, or it would be gone on with for ever', async () => {
    const { job, run, ended, states } = rig([letter(0)], new Error('the topic is gone'));
    job.stop.abort(CANCELLED);
    await run();
    expect(ended).toEqual(['cancelled']);
    expect(states()).toEqual(['open']);
  });

  it('leaves its letters alone when another may have begun one', async () => {
    const { job, run, ended, states } = rig([letter(0)]);
    job.stop.abort(CANCELLED);
    await run({ lost: AbortSignal.abort() });
    expect(states()).toEqual(['redriven']);
    expect(ended).toHaveLength(1);
  });

  it('x, and keeps them', async () => {
    const { run, ended, states } = rig([letter(0)], new Error('Kafka is away'));
    await run();
    expect(ended).toEqual(['interrupted']);
    expect(states()).toEqual(['redriven']);
  });
});
