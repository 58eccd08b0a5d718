import type { JobView } from '@orderstream/contracts';
import { wait } from '@orderstream/resilience';
import { COMMENT_MS, eventText, RETRY, WAITING } from '../events/server-events.js';
import type { JobReader } from './job-reader.js';

/** How often a job is looked at, ms. */
const LOOK_MS = 300;

/** Equal while nothing about the job has changed, on every replica; the `id:` of an event. */
export function revisionOf({ state, counts, settledAt, warnings }: JobView): string {
  const { received, published, stored, rejected } = counts;
  return [state, received, published, stored, rejected, warnings.length, settledAt === null ? '-' : 'settled'].join(
    '.',
  );
}

/** Nothing will change any more, but by a repair, a redrive or a resume. */
export const isDone = ({ settledAt }: JobView): boolean => settledAt !== null;

/**
 * A job as server-sent events: `progress` whenever it has changed, `done` once it is settled, and the stream ends.
 * A look that fails (Cassandra is away) is skipped. It ends early when the process does; a browser then connects again.
 */
export async function* jobEvents(reader: JobReader, first: JobView, signal: AbortSignal): AsyncGenerator<string> {
  yield RETRY;
  let view: JobView | undefined = first;
  let last = '';
  let saidAtMs = Date.now();
  while (!signal.aborted && !reader.isEnding) {
    if (view && revisionOf(view) !== last) {
      last = revisionOf(view);
      yield eventText(isDone(view) ? 'done' : 'progress', view, last);
      if (isDone(view)) return;
      saidAtMs = Date.now();
    } else if (Date.now() - saidAtMs >= COMMENT_MS) {
      yield WAITING;
      saidAtMs = Date.now();
    }
    await wait(LOOK_MS, signal).catch(() => undefined);
    view = await reader.view(first.id).catch(() => undefined);
  }
}
