import { PartitionFlow } from './partition-flow.js';
import type { StoppedPartition, TopicPartition } from './record-batch.js';

const P0 = { topic: 't', partition: 0 };
const P1 = { topic: 't', partition: 1 };

function setUp() {
  const log: string[] = [];
  const timers: Array<{ work: () => void; ms: number; live: boolean }> = [];
  const stops: StoppedPartition[] = [];
  const control = {
    pause: (at: TopicPartition) => void log.push(`pause ${at.partition}`),
    resume: (at: TopicPartition) => void log.push(`resume ${at.partition}`),
  };
  const schedule = (work: () => void, ms: number) => {
    const timer = { work, ms, live: true };
    timers.push(timer);
    return () => void (timer.live = false);
  };
  const options = { backoff: { initialMs: 200, maxMs: 5_000 }, unknownTries: 5, schedule, random: () => 1 };
  const flow = new PartitionFlow(control, options, {
    onStop: (stop) => void stops.push(stop),
    onResume: () => void log.push('resumed'),
    onRestart: ({ offset }) => void log.push(`restarted at ${offset}`),
  });
  const fire = (): void => {
    const timer = timers.at(-1)!;
    if (timer.live) timer.work();
    timer.live = false;
  };
  return { flow, log, timers, stops, fire };
}

describe('PartitionFlow', () => {
  it('holds a waiting partition back longer each time, up to 5 s, as often as it takes', () => {
    const { flow, log, timers, fire } = setUp();
    for (let i = 0; i < 8; i++) {
      flow.wait(P0, 'no host');
      fire();
    }
    expect(timers.map((t) => t.ms)).toEqual([200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
    expect(log).toEqual(Array.from({ length: 8 }, () => ['pause 0', 'resume 0', 'resumed']).flat());
    expect(flow.stopped()).toEqual([]);
  });

  it('begins again with the short delay after progress', () => {
    const { flow, timers, fire } = setUp();
    for (let i = 0; i < 3; i++) {
      flow.wait(P0, 'no host');
      fire();
    }
    flow.progressed(P0);
    flow.wait(P0, 'no host');
    expect(timers.at(-1)!.ms).toBe(200);
  });

  it('stops a partition at the fifth unknown failure, for good, and leaves the others alone', () => {
    const { flow, log, stops, timers, fire } = setUp();
    for (let i = 0; i < 5; i++) {
      flow.fail(P0, '7', 'boom');
      fire();
    }
    expect(stops).toEqual([{ topic: 't', partition: 0, offset: '7', error: 'boom' }]);
    expect(log.at(-1)).toBe('pause 0');
    expect(timers).toHaveLength(4);
    expect([flow.isHeldBack(P0), flow.isHeldBack(P1)]).toEqual([true, false]);
    expect(flow.stopped()).toHaveLength(1);
  });

  it('counts five failures at one position: progress between them starts the count again, waiting does not', () => {
    const { flow } = setUp();
    for (let i = 0; i < 4; i++) flow.fail(P0, '7', 'boom');
    flow.progressed(P0);
    for (let i = 0; i < 4; i++) flow.fail(P0, '8', 'boom');
    flow.wait(P0, 'no host');
    expect(flow.stopped()).toEqual([]);
    flow.fail(P0, '8', 'boom');
    expect(flow.stopped()).toHaveLength(1);
  });

  it('lets a stopped partition go on when told, with five fresh tries', () => {
    const { flow, log } = setUp();
    for (let i = 0; i < 5; i++) flow.fail(P0, '7', 'boom');
    expect(flow.restart(P1)).toBeUndefined();
    expect(flow.restart(P0)).toMatchObject({ offset: '7' });
    expect(log.slice(-2)).toEqual(['resume 0', 'restarted at 7']);
    for (let i = 0; i < 4; i++) flow.fail(P0, '7', 'boom');
    expect(flow.stopped()).toEqual([]);
  });

  it('forgets pauses, timers, counts and stops at another assignment', () => {
    const { flow, log, timers } = setUp();
    flow.wait(P0, 'no host');
    for (let i = 0; i < 5; i++) flow.fail(P1, '7', 'boom');
    flow.clear();
    for (const timer of timers) if (timer.live) timer.work();
    expect(log.filter((line) => line.startsWith('resume'))).toEqual([]);
    expect([flow.stopped(), flow.isHeldBack(P0), flow.isHeldBack(P1)]).toEqual([[], false, false]);
  });
});
