/** Rate at the start and at the end, records per second; equal ones do not change. */
export interface RateSpan {
  readonly from: number;
  readonly to: number;
}

/** Reads `50` or `50..500`; undefined when it is neither. */
export function parseRate(text: string): RateSpan | undefined {
  const match = /^(\d+(?:\.\d+)?)(?:\.\.(\d+(?:\.\d+)?))?$/.exec(text.trim());
  if (!match) return undefined;
  const from = Number(match[1]);
  return { from, to: match[2] === undefined ? from : Number(match[2]) };
}
