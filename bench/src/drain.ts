import { setTimeout as delay } from 'node:timers/promises';
import { nowMicros } from './clock.ts';
import type { ServerCpu, Servers } from './servers.ts';
import type { Subject } from './subject.ts';

const POLL_MS = 20;
const STALL_MICROS = 60_000_000;

/** What a group is to do: everything of one topic from `from` up to `ends`, by partition. */
export interface Task {
  readonly groupId: string;
  readonly topic: string;
  readonly from: ReadonlyMap<number, number>;
  readonly ends: ReadonlyMap<number, number>;
}

/** One look: rows committed until then, and what everybody had used of the processors. */
export interface Mark {
  /** µs, of the clock that all processes have */
  readonly atMicros: number;
  readonly rows: number;
  readonly cpuSeconds: number;
  readonly servers: ServerCpu;
}

/**
 * Watches a group from its first commit to its last. The time before is that of starting and joining, which says
 * nothing about rows, so the rows of the first commit do not count either. Rejects when nothing moves for a minute or
 * the process ends.
 */
export async function watchDrain(servers: Servers, subject: Subject, task: Task): Promise<{ first: Mark; last: Mark }> {
  const total = rowsBetween(task, task.ends);
  let first: Mark | undefined;
  let movedAt = nowMicros();
  for (let before = 0; ;) {
    const rows = rowsBetween(task, await subject.unlessEnded(servers.committed(task.groupId, task.topic)));
    const atMicros = nowMicros();
    if (rows > before) movedAt = atMicros;
    before = rows;
    if (rows > 0 && first === undefined) first = markOf(servers, subject, atMicros, rows);
    if (rows >= total && first !== undefined) return { first, last: markOf(servers, subject, atMicros, rows) };
    if (atMicros - movedAt > STALL_MICROS) {
      throw new Error(`${subject.name} stands at ${rows} of ${total} rows for a minute. ${subject.tail()}`);
    }
    await delay(POLL_MS);
  }
}

/**
 * Watches a group pass the boundaries, sums of offsets over the partitions of a topic in growing order, and gives a mark
 * for each: what lies between two of them is one block. Rejects as `watchDrain` does.
 */
export async function watchBlocks(
  servers: Servers,
  subject: Subject,
  task: Pick<Task, 'groupId' | 'topic' | 'from'>,
  boundaries: readonly number[],
): Promise<Mark[]> {
  const marks: Mark[] = [];
  let movedAt = nowMicros();
  for (let before = 0; marks.length < boundaries.length;) {
    const committed = await subject.unlessEnded(servers.committed(task.groupId, task.topic));
    const rows = rowsBetween(task, committed);
    const atMicros = nowMicros();
    if (rows > before) movedAt = atMicros;
    before = rows;
    while (marks.length < boundaries.length && rows >= boundaries[marks.length]!)
      marks.push(markOf(servers, subject, atMicros, rows));
    if (atMicros - movedAt > STALL_MICROS) {
      throw new Error(`${subject.name} stands at row ${rows} for a minute. ${subject.tail()}`);
    }
    await delay(POLL_MS);
  }
  return marks;
}

function markOf(servers: Servers, subject: Subject, atMicros: number, rows: number): Mark {
  return { atMicros, rows, cpuSeconds: subject.usage().cpuSeconds, servers: servers.cpu() };
}

function rowsBetween({ from }: Pick<Task, 'from'>, to: ReadonlyMap<number, number>): number {
  let rows = 0;
  for (const [partition, offset] of to) rows += Math.max(0, offset - (from.get(partition) ?? 0));
  return rows;
}
