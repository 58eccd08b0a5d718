/** A text was given as the `next` of a page that is none. */
export class BadCursorError extends Error {
  readonly code = 'bad_cursor';
  readonly retriable = false;

  constructor(cause?: unknown) {
    super('The cursor is no paging state of this query.', { cause });
    this.name = 'BadCursorError';
  }
}

const HEX = /^(?:[0-9a-f]{2})+$/i;
/** What Cassandra answers to a paging state it cannot read: a protocol error, or an invalid request. */
const REFUSALS: ReadonlySet<unknown> = new Set([0x000a, 0x2200]);

/** The work under a cursor that the caller was given. Throws BadCursorError for one that is none; else what the work does. */
export async function underCursor<T>(cursor: string | undefined, work: () => Promise<T>): Promise<T> {
  if (cursor === undefined) return work();
  if (!HEX.test(cursor)) throw new BadCursorError();
  try {
    return await work();
  } catch (error) {
    throw REFUSALS.has((error as { code?: unknown }).code) ? new BadCursorError(error) : error;
  }
}
