import { IANAZone } from 'luxon';
import { DAY_MS } from './calendar.js';

/** Days whose offset is remembered, before all are forgotten again. */
const MAX_DAYS = 20_000;

/** Local time as if it were UTC, ms → the instant, ms since the epoch. */
export type ToInstant = (localMs: number) => number;

export const isTimeZone = (name: string): boolean => IANAZone.isValidZone(name);

/**
 * Local times of an IANA zone. A time that the zone skips is moved forward by the length of the gap, one that comes
 * twice is the first of the two, as `java.time` and Temporal have it. Throws RangeError for an unknown zone.
 */
export function instantsOf(zoneName: string): ToInstant {
  if (!isTimeZone(zoneName)) throw new RangeError(`There is no time zone ${zoneName}.`);
  const zone = IANAZone.create(zoneName);
  const offsetAt = (ms: number): number => zone.offset(ms) * 60_000;
  /** NaN where the offset may change around that day */
  const offsetByDay = new Map<number, number>();
  return (localMs) => {
    const day = Math.floor(localMs / DAY_MS);
    let offset = offsetByDay.get(day);
    if (offset === undefined) {
      if (offsetByDay.size >= MAX_DAYS) offsetByDay.clear();
      offset = steadyOffset(day, offsetAt);
      offsetByDay.set(day, offset);
    }
    return localMs - (Number.isNaN(offset) ? offsetNearChange(localMs, offsetAt) : offset);
  };
}

/** No zone is further than a day from UTC, so a local day lies between the day before and the day after in UTC. */
function steadyOffset(day: number, offsetAt: (ms: number) => number): number {
  const before = offsetAt((day - 1) * DAY_MS);
  return before === offsetAt((day + 2) * DAY_MS) && before === offsetAt(day * DAY_MS + DAY_MS / 2) ? before : NaN;
}

/** Of the two offsets the earlier one wins wherever it can: the first of two times, and past the gap of a skipped one. */
function offsetNearChange(localMs: number, offsetAt: (ms: number) => number): number {
  const before = offsetAt(localMs - DAY_MS);
  const after = offsetAt(localMs + DAY_MS);
  if (offsetAt(localMs - before) === before) return before;
  return offsetAt(localMs - after) === after ? after : before;
}
