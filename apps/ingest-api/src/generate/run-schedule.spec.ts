import fc from 'fast-check';
import { RunSchedule } from './run-schedule.js';

describe('RunSchedule', () => {
  it('makes exactly its total, whatever the pace at which it is asked', () => {
    const rate = fc.double({ min: 0.1, max: 50_000, noNaN: true });
    fc.assert(
      fc.property(
        rate,
        fc.integer({ min: 1, max: 200 }),
        fc.array(fc.integer({ min: 0, max: 3000 })),
        (perSecond, total, jitter) => {
          const schedule = new RunSchedule(perSecond, total);
          let elapsed = 0;
          let sent = 0;
          for (let i = 0; sent < total; i++) {
            const due = schedule.dueAt(elapsed);
            expect(due).toBeGreaterThanOrEqual(sent);
            sent = due;
            elapsed += schedule.delayMs(elapsed, sent) + (jitter[i] ?? 0);
          }
          expect(sent).toBe(total);
        },
      ),
    );
  });

  it('keeps the rate within one record in every window, when asked in time', () => {
    const schedule = new RunSchedule(50, 600);
    for (let second = 1; second < 12; second++) {
      const inWindow = schedule.dueAt(second * 1000) - schedule.dueAt((second - 1) * 1000);
      expect(Math.abs(inWindow - 50)).toBeLessThanOrEqual(1);
    }
  });
});
