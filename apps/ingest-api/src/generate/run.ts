import { performance } from 'node:perf_hooks';
import { wait } from '@orderstream/resilience';
import type { Row } from '@orderstream/streams';
import type { JobPublisher } from '../publish/job-publisher.js';
import type { RunSchedule } from './run-schedule.js';

/** Rows published between two looks at the clock and at the room left, so that a late run catches up in steps. */
const MAX_STEP_ROWS = 2000;

/** Publishes the records of a generator at their times, until the last one or until stopped. */
export async function emitRun(
  schedule: RunSchedule,
  rowAt: (index: number) => Row,
  publisher: JobPublisher,
  signal: AbortSignal,
): Promise<void> {
  try {
    await emitAll(schedule, rowAt, publisher, signal);
  } catch (error) {
    await publisher.end().catch(() => undefined); // what is under way may still be acknowledged, and then counts
    throw error;
  }
  await publisher.end();
}

async function emitAll(
  schedule: RunSchedule,
  rowAt: (index: number) => Row,
  publisher: JobPublisher,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = performance.now();
  // A run that was held back goes on at its rate, not with what it missed all at once.
  const elapsed = () => performance.now() - startedAt - publisher.heldMs;
  let sent = 0;
  while (sent < schedule.total && !signal.aborted) {
    const due = Math.min(schedule.dueAt(elapsed()), sent + MAX_STEP_ROWS);
    if (due > sent) {
      publishRange(sent, due, rowAt, publisher);
      sent = due;
      await publisher.room();
    }
    const elapsedMs = elapsed();
    const behind = schedule.dueAt(elapsedMs) > sent;
    if (sent < schedule.total && !behind) await wait(schedule.delayMs(elapsedMs, sent), signal).catch(() => undefined);
  }
}

function publishRange(from: number, to: number, rowAt: (index: number) => Row, publisher: JobPublisher): void {
  const rows: Row[] = [];
  const indexes: number[] = [];
  for (let index = from; index < to; index++) {
    rows.push(rowAt(index));
    indexes.push(index);
  }
  publisher.add(rows, indexes);
  publisher.flush();
}
