import fc from 'fast-check';
import { RunSchedule } from './run-schedule.js';

describe('RunSchedule', () => {
  it('makes exactly its total, whatever the pace at which it is asked', () => {
    const steady = fc.double({ min: 0.1, max: 50_000, noNaN: true });
    const rate = fc.oneof(
      steady,
      fc.record({ from: steady, to: steady, durationMs: fc.integer({ min: 100, max: 3_600_000 }) }),
    );
    fc.assert(
      fc.property(
        rate,
        fc.integer({ min: 1, max: 200 }),
        fc.array(fc.integer({ min: 0, max: 3000 })),
        (given, total, jitter) => {
          const schedule = new RunSchedule(given, total);
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

  it('keeps the rate of a ramp within one record in every second of it', () => {
    const schedule = new RunSchedule({ from: 50, to: 500, durationMs: 60_000 }, 16_500);
    for (let second = 1; second < 60; second++) {
      const inWindow = schedule.dueAt(second * 1000) - schedule.dueAt((second - 1) * 1000);
      expect(Math.abs(inWindow - (50 + (second - 0.5) * 7.5))).toBeLessThanOrEqual(1);
    }
    expect(schedule.dueAt(60_000)).toBe(16_500);
  });
});
