import { parseJobCursor, type JobCursor } from '@orderstream/cassandra';
import { ProblemError } from '@orderstream/contracts';

/** Where a page of jobs begins; undefined at the newest. Throws `bad_parameter` for a text that is no `next` of ours. */
export function cursorOf({ cursor }: { readonly cursor?: string }): JobCursor | undefined {
  if (cursor === undefined) return undefined;
  const after = parseJobCursor(cursor);
  if (after) return after;
  throw new ProblemError('bad_parameter', 'cursor is not a `next` of this list; leave it out to begin at the newest');
}
