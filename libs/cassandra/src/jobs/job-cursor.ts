/** The place in the list of jobs after which a page begins. */
export interface JobCursor {
  readonly createdAtMs: number;
  readonly id: string;
}

const TEXT = /^(\d{1,14})_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export const formatJobCursor = ({ createdAtMs, id }: JobCursor): string => `${createdAtMs}_${id}`;

/** Undefined when the text is no cursor of ours. */
export function parseJobCursor(text: string): JobCursor | undefined {
  const match = TEXT.exec(text);
  return match ? { createdAtMs: Number(match[1]), id: match[2]! } : undefined;
}

/** The UTC day of a time, `YYYY-MM-DD`. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
